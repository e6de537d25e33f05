/** The look of a report: light and dark as the reader's system wishes, figures in columns, and plain black on paper. */
import { Markup } from './report-markup.js';

export const reportStyle = new Markup(`<style>
:root {
  color-scheme: light dark;
  --ground: #fbfbfa; --ink: #1c1d1f; --quiet: #63666b; --line: #d9dadd; --stripe: #f1f1ef;
  --good: #176b3a; --bad: #b3261e; --bad-ground: #fbe9e7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #17181a; --ink: #e6e6e3; --quiet: #9da1a8; --line: #36383d; --stripe: #1f2124;
    --good: #6fcf97; --bad: #ff8a80; --bad-ground: #3a1f1d;
  }
}
* { box-sizing: border-box; }
body {
  max-width: 78rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; background: var(--ground); color: var(--ink);
  font: 0.95rem/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif;
}
h1 { margin: 0 0 0.25rem; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 2.75rem 0 0.5rem; padding-top: 0.75rem; border-top: 1px solid var(--line); font-size: 1.2rem; }
p, figcaption { max-width: 62rem; }
.note { color: var(--quiet); font-size: 0.86rem; }
code, pre { font: 0.82rem/1.45 ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: 0.75rem; background: var(--stripe); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.1rem 1.25rem; margin: 0.75rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; min-width: 0; }
.wide { overflow-x: auto; margin: 1rem 0 0.5rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { padding-bottom: 0.4rem; text-align: left; font-weight: 600; white-space: nowrap; }
th, td { padding: 0.22rem 0.7rem; vertical-align: top; }
thead th { border-bottom: 1px solid var(--ink); font-size: 0.82rem; vertical-align: bottom; }
tbody th { font-weight: 500; }
tbody tr { border-bottom: 1px solid var(--line); }
tbody tr:nth-child(even) { background: var(--stripe); }
.words { text-align: left; }
.figure { text-align: right; }
thead .figure { width: 7.5rem; }
.what { display: block; color: var(--quiet); font-size: 0.82rem; font-weight: 400; }
.state { font-weight: 600; white-space: nowrap; }
.reached { color: var(--good); }
.missed { padding: 0 0.4rem; background: var(--bad-ground); color: var(--bad); }
.unmeasured { color: var(--quiet); }
figure { margin: 1.25rem 0; }
.sheet table { width: 100%; min-width: 60rem; table-layout: fixed; border-collapse: separate; border-spacing: 0.15rem 0; }
.sheet caption { white-space: normal; }
.sheet th {
  padding: 0 0 0.3rem; border: 0; font-size: 0.7rem; font-weight: 500; line-height: 1.2; text-align: left;
  overflow-wrap: anywhere;
}
.sheet td { padding: 0; }
.sheet tbody tr { border: 0; background: none; }
.sheet img { display: block; width: 100%; height: auto; }
summary { cursor: pointer; }
@page { size: A4 landscape; margin: 12mm; }
@media print {
  :root {
    color-scheme: light; --ground: #fff; --ink: #000; --quiet: #444; --line: #bbb; --stripe: #fff;
    --good: #000; --bad: #000; --bad-ground: #ddd;
  }
  body { max-width: none; padding: 0; font-size: 9pt; }
  h2 { break-after: avoid; }
  figure, tr, dl { break-inside: avoid; }
  thead { display: table-header-group; }
  .wide { overflow: visible; }
  .sheet table { min-width: 0; }
}
</style>`);
