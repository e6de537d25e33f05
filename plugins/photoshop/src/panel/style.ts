/**
 * The panel's style sheet, within what UXP knows: flex, margins instead of gaps, no transitions. Colours are those of the host's
 * theme; the values behind them are for hosts that do not tell.
 */
export const panelStyle = `
.panel { padding: 8px 12px; font-size: 12px; color: var(--uxp-host-text-color, #e0e0e0); }
.section { margin-bottom: 12px; }
.banner { margin-bottom: 12px; padding: 8px 10px; border-radius: 4px; border: 1px solid var(--uxp-host-border-color, #555555); }
.banner.problem { border-color: #d7373f; }
.banner-title { margin-bottom: 4px; font-weight: bold; }
.banner-text, .banner-steps { margin-bottom: 6px; }
.banner-row { display: flex; flex-direction: row; align-items: center; margin-top: 4px; }
.code { flex: 1; margin-right: 8px; }
.command { margin-bottom: 6px; padding: 4px 6px; font-family: monospace; border-radius: 3px; border: 1px solid var(--uxp-host-border-color, #555555); }
.banner-retry { margin-top: 6px; opacity: 0.8; }
.layer-name { margin-bottom: 2px; font-weight: bold; }
.layer-facts { opacity: 0.8; }
.layer-result { margin-top: 4px; }
.subjects { margin-top: 8px; }
.subject-numbers { display: flex; flex-direction: row; flex-wrap: wrap; margin-top: 4px; }
.subject { display: flex; flex-direction: column; align-items: center; height: auto; padding: 3px; margin-right: 4px; margin-bottom: 4px; border-radius: 4px; border: 1px solid var(--uxp-host-border-color, #555555); }
.subject.chosen { border-color: #378ef0; }
.subject-number { font-size: 11px; }
.prompt-row { display: flex; flex-direction: row; align-items: center; }
.prompt-field { flex: 1; margin-right: 6px; }
.chips, .suggestions { display: flex; flex-direction: row; flex-wrap: wrap; margin-top: 6px; }
.chip, .suggestion { margin-right: 4px; margin-bottom: 4px; }
.suggestion { padding: 0 4px; }
.chip.unknown { border-color: #da7b11; color: #da7b11; }
.stage { display: flex; flex-direction: column; align-items: center; justify-content: center; min-height: 120px; padding: 4px; border-radius: 4px; border: 1px solid var(--uxp-host-border-color, #555555); }
.hint { opacity: 0.8; }
.preview-row { display: flex; flex-direction: row; align-items: center; margin-top: 6px; }
.preview-label { flex: 1; }
.hold { margin-right: 4px; }
.warnings { margin-top: 4px; }
.warning { color: #da7b11; }
.slider-row { display: flex; flex-direction: row; align-items: flex-end; }
.slider { flex: 1; margin-right: 8px; }
.slider-head { display: flex; flex-direction: row; align-items: center; justify-content: flex-end; width: 72px; min-height: 24px; }
.slider-value { margin-right: 2px; }
.apply-row { display: flex; flex-direction: row; align-items: center; margin-top: 6px; }
.apply { margin-right: 8px; }
.bar { width: 100%; margin-top: 4px; }
.why { margin-top: 6px; opacity: 0.8; }
.notice { display: flex; flex-direction: row; flex-wrap: wrap; align-items: center; margin-bottom: 8px; padding: 4px 8px; border-radius: 4px; border: 1px solid var(--uxp-host-border-color, #555555); }
.notice.problem { border-color: #d7373f; }
.notice-text { flex: 1; }
.place { margin-top: 4px; margin-bottom: 4px; }
.history-heading { margin-bottom: 4px; }
.strip { display: flex; flex-direction: row; flex-wrap: wrap; }
.entry { width: 56px; height: 56px; padding: 3px; margin-right: 4px; margin-bottom: 4px; border-radius: 4px; border: 1px solid transparent; }
.entry.chosen { border-color: #378ef0; }
.entry.favourite { border-color: #e8c600; }
.history-row { display: flex; flex-direction: row; align-items: center; margin-top: 4px; }
`;
