/** What the two halves of the plugin share: messages, their checks and bounds. Knows neither Figma nor the DOM. */
export { boardLabels, type BoardLayout } from './board.js';
export { isJson, readToMain, readToUi, type Reading } from './check.js';
export { utf8Bytes, type Json } from './json.js';
export { bridgeLimits } from './limits.js';
export {
  bridgeVersion,
  type Answer,
  type BridgeFailure,
  type FailureCode,
  type Params,
  type RequestName,
  type Requests,
  type Result,
  type TargetFailure,
  type ToMain,
  type ToUi,
} from './messages.js';
export {
  type Capture,
  type Launch,
  type Note,
  type NoteCode,
  type Recipe,
  type Refusal,
  type RefusalCode,
  type Selection,
  type Target,
  type TargetKind,
} from './selection.js';
