/**
 * The report of an evaluation as one HTML page: nothing is loaded from elsewhere, nothing runs. Figures come from
 * `evaluatePack`, pictures from `drawReport`; the page adds words, and no figure of its own.
 *
 * Equal reports and pictures give equal bytes: the page holds no date, and the run's times only where it says so.
 */
import type { EvaluationReport } from './evaluate.js';
import { markup, type Content, type Markup } from './report-markup.js';
import type { ReportPictures } from './report-pictures.js';
import { floorsSection, methodsSection, textsSection } from './report-edits.js';
import { attributesSection, clipSection, reconstructionSection, wordsSection } from './report-networks.js';
import { sheetsSection } from './report-sheets.js';
import { reportStyle } from './report-style.js';

/** The page, from doctype to the last line. */
export function renderReport(report: EvaluationReport, pictures: ReportPictures): string {
  const { id, version } = report.pack;
  const title = `Evaluation of ${id} ${version}`;
  return `<!doctype html>\n${
    markup`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${reportStyle}
</head>
<body>
<header>
<h1>${title}</h1>
${headLines(report)}
</header>
<main>
${floorsSection(report)}
${methodsSection(report)}
${textsSection(report)}
${sheetsSection(report, pictures)}
${clipSection(report)}
${wordsSection(report)}
${reconstructionSection(report)}
${attributesSection(report)}
${timingsSection(report)}
${provenanceSection(report)}
</main>
</body>
</html>
`.text
  }`;
}

const splitNotes = {
  test: 'No stage of the training sees avatars of this split.',
  validation: 'Settings are chosen by avatars of this split; figures to be reported come from the test split.',
} as const;

function headLines({ pack, split, seed, edits }: EvaluationReport): Markup {
  const facts: readonly (readonly [name: string, value: Content])[] = [
    ['pack', `${pack.id} ${pack.version}`],
    ['digest', markup`<code>${pack.digest}</code>`],
    ['resolution', `${pack.resolution} px`],
    ['defaults', flat(pack.defaults).join(', ')],
    [
      'avatars',
      `${split} split, ${edits.avatarsPerText} for each of ${edits.texts.length} texts: ${edits.cases} edits`,
    ],
    ['seed of the captions', seed],
  ];
  const lines = facts.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>\n`);
  return markup`<dl>
${lines}</dl>
<p class="note">${splitNotes[split]} The same pack, avatars, methods and seed give the same figures and pictures, on one machine
with the same number of threads; only the times below differ from run to run.</p>`;
}

/** `name value` of every entry, those inside others by path. */
function flat(values: object, path = ''): string[] {
  return Object.entries(values).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? flat(value, `${path}${name}.`)
      : [`${path}${name} ${value === true ? 'yes' : value === false ? 'no' : String(value)}`],
  );
}

function timingsSection({ timings }: EvaluationReport): Markup {
  const lines = Object.entries(timings.parts).map(
    ([part, seconds]) => markup`<dt>${part}</dt><dd>${seconds.toFixed(1)} s</dd>\n`,
  );
  return markup`<section>
<h2>Times</h2>
<p>This run took ${timings.totalSeconds.toFixed(1)} s, without the drawing of the sheets.</p>
<dl>
${lines}</dl>
</section>`;
}

function provenanceSection({ pack }: EvaluationReport): Markup {
  return markup`<section>
<h2>How the pack was made</h2>
<p class="note">${pack.licence}</p>
<details>
<summary>Recipe, data, steps and settings, as the pack states them</summary>
<pre>${JSON.stringify(pack.provenance, null, 2)}</pre>
</details>
</section>`;
}
