/** The layout of binary frames for programs: fields in order, all numbers little endian. docs/protocol.md has it for people. */
export const frameLayout = [
  { field: 'version', type: 'u8' },
  { field: 'type', type: 'u8' },
  { field: 'flags', type: 'u16', value: 0 },
  { field: 'headerLength', type: 'u32', unit: 'bytes' },
  { field: 'header', type: 'json', encoding: 'utf-8', length: 'headerLength' },
  { field: 'padding', type: 'zeros', untilMultipleOf: 8 },
  { field: 'payload', type: 'bytes', length: 'to the end of the message' },
] as const;
