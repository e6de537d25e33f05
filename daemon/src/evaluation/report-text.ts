/** An evaluation as lines for people: how the methods compare, which floors are missed, and where the report is. */
import type { EvaluationReport } from './evaluate.js';
import { decimals, percent } from './report-markup.js';
import { floorState, floorSummary, variantRows, type VariantRow } from './report-rows.js';

/** The lines. `output` is the file of the report, `sheet` that of the contact sheet when there is one. */
export function describeReport(report: EvaluationReport, output: string, sheet?: string): string[] {
  const { pack, split, edits, floors } = report;
  const named = (state: 'missed' | 'not measured'): string[] =>
    floors
      .filter((floor) => floorState(floor) === state)
      .map(({ figure, value, required }) => `  ${state}: ${figure} ${decimals(value, 3)}, required ${required}`);
  return [
    `${pack.id} ${pack.version}, ${pack.resolution} px: ${edits.cases} edits of ${split} avatars`,
    ...editTable(variantRows(edits)),
    `floors: ${floorSummary(floors)}`,
    ...named('missed'),
    ...named('not measured'),
    `report: ${output}`,
    ...(sheet === undefined ? [] : [`sheet: ${sheet}`]),
  ];
}

function editTable(rows: readonly VariantRow[]): string[] {
  const nameWidth = 2 + Math.max(...rows.map(({ name }) => name.length));
  const line = (name: string, figures: readonly string[]): string =>
    name.padEnd(nameWidth) + figures.map((figure) => figure.padStart(16)).join('');
  return [
    line('', ['success %', 'preservation %', 'PSNR truth', 'PSNR layer', 'identity', 'Fréchet CLIP']),
    ...rows.map(({ name, overall, frechetClip }) =>
      line(name, [
        percent(overall.successRate),
        percent(overall.preservationRate),
        decimals(overall.psnr, 2),
        decimals(overall.layerPsnr, 2),
        decimals(overall.identity, 3),
        decimals(frechetClip, 1),
      ]),
    ),
  ];
}
