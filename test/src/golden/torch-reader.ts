/**
 * Minimal reader of the fixture checkpoints: ZIP containers as torch writes them, holding nested dictionaries of contiguous
 * float tensors. Test-side only; it trusts its input (the fixtures are hashed) and understands no more than they need.
 */
import { tensor, type Tensor } from '@deltaspace/onnx-graph';

/** What a fixture pickle may contain. */
export type TorchValue = Tensor | Map<string, TorchValue> | TorchValue[] | string | number | boolean | null;

/** Reads one ZIP checkpoint. Throws on compressed entries and on pickle opcodes outside the subset. */
export function readTorchZip(file: Uint8Array): TorchValue {
  const entries = zipEntries(file);
  const pickleName = [...entries.keys()].find((name) => name.endsWith('/data.pkl'));
  if (pickleName === undefined) throw new Error('no data.pkl in the archive');
  const prefix = pickleName.slice(0, -'data.pkl'.length);
  return new Unpickler(entries.get(pickleName) as Uint8Array, (key) => {
    const storage = entries.get(`${prefix}data/${key}`);
    if (storage === undefined) throw new Error(`storage ${key} is missing`);
    return storage;
  }).load();
}

/** The state dict under a path of keys, as tensors by name. Throws when it is not a dictionary of tensors. */
export function stateDict(value: TorchValue, ...path: string[]): Map<string, Tensor> {
  let current = value;
  for (const key of path) {
    if (!(current instanceof Map)) throw new Error(`no dictionary at ${key}`);
    current = current.get(key) ?? null;
  }
  if (!(current instanceof Map)) throw new Error('not a state dict');
  return new Map([...current].map(([name, entry]) => [name, asTensor(entry)]));
}

/** Narrows a value to a tensor. */
export function asTensor(value: TorchValue | undefined): Tensor {
  if (typeof value === 'object' && value !== null && 'dtype' in value) return value;
  throw new Error('expected a tensor');
}

function zipEntries(file: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let end = file.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw new Error('no central directory');
  const entries = new Map<string, Uint8Array>();
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < view.getUint16(end + 10, true); i++) {
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(file.subarray(at + 46, at + 46 + nameLength));
    const size = view.getUint32(at + 24, true);
    const local = view.getUint32(at + 42, true);
    if (view.getUint16(at + 10, true) !== 0) throw new Error(`${name} is compressed`);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    entries.set(name, file.subarray(start, start + size));
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

interface Global {
  global: string;
}
interface Storage {
  kind: string;
  bytes: Uint8Array;
}
/** Intermediate stack items, before they are known to be part of the result. */
type Item = TorchValue | Global | Storage | Item[] | typeof mark;
const mark = Symbol('mark');

class Unpickler {
  private position = 0;
  private readonly stack: Item[] = [];
  private readonly memo = new Map<number, Item>();
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly storage: (key: string) => Uint8Array,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  load(): TorchValue {
    while (this.bytes[this.position] !== 0x2e) this.step(this.byte());
    return this.pop() as TorchValue;
  }

  private step(opcode: number): void {
    const character = String.fromCharCode(opcode);
    const simple: Record<string, () => Item> = {
      '}': () => new Map<string, TorchValue>(),
      ']': () => [],
      ')': () => [],
      N: () => null,
      '(': () => mark,
      '\x88': () => true,
      '\x89': () => false,
      K: () => this.byte(),
      M: () => this.number(2, (at) => this.view.getUint16(at, true)),
      J: () => this.number(4, (at) => this.view.getInt32(at, true)),
      G: () => this.number(8, (at) => this.view.getFloat64(at, false)),
      X: () => this.text(this.number(4, (at) => this.view.getUint32(at, true))),
      '\x8c': () => this.text(this.byte()),
      c: () => ({ global: `${this.line()}.${this.line()}` }),
      t: () => this.popToMark(),
      '\x85': () => this.popMany(1),
      '\x86': () => this.popMany(2),
      '\x87': () => this.popMany(3),
      '\x8a': () => this.longInteger(),
      h: () => this.memo.get(this.byte()) as Item,
      j: () => this.memo.get(this.number(4, (at) => this.view.getUint32(at, true))) as Item,
      Q: () => this.persistent(),
      R: () => this.reduce(),
    };
    const produce = simple[character];
    if (produce !== undefined) this.stack.push(produce());
    else this.effect(character);
  }

  private effect(character: string): void {
    if (character === '\x80') this.byte();
    else if (character === 'q') this.memo.set(this.byte(), this.stack.at(-1) as Item);
    else if (character === 'r')
      this.memo.set(
        this.number(4, (at) => this.view.getUint32(at, true)),
        this.stack.at(-1) as Item,
      );
    else if (character === 's') this.setItems(this.popMany(2));
    else if (character === 'u') this.setItems(this.popToMark());
    else if (character === 'a') this.appendAll(this.popMany(1));
    else if (character === 'e') this.appendAll(this.popToMark());
    else if (character === 'b')
      this.pop(); // module state (_metadata) is not needed
    else throw new Error(`pickle opcode ${JSON.stringify(character)} is outside the fixture subset`);
  }

  private reduce(): Item {
    const argumentsOf = this.pop() as Item[];
    const { global } = this.pop() as Global;
    if (global === 'collections.OrderedDict') return new Map<string, TorchValue>();
    if (global !== 'torch._utils._rebuild_tensor_v2') throw new Error(`global ${global} is outside the fixture subset`);
    const [storage, offset, shape] = argumentsOf as [Storage, number, number[]];
    const count = shape.reduce((product, axis) => product * axis, 1);
    const dtype = storage.kind === 'torch.DoubleStorage' ? 'float64' : 'float32';
    const width = dtype === 'float64' ? 8 : 4;
    const raw = storage.bytes.slice(offset * width, (offset + count) * width).buffer;
    return tensor(dtype, shape, dtype === 'float64' ? new Float64Array(raw) : new Float32Array(raw));
  }

  private persistent(): Item {
    const [, kind, key] = this.pop() as [string, Global, string];
    if (!/^torch\.(Float|Double)Storage$/.test(kind.global))
      throw new Error(`${kind.global} is outside the fixture subset`);
    return { kind: kind.global, bytes: this.storage(key) };
  }

  private setItems(pairs: Item[]): void {
    const target = this.stack.at(-1) as Map<string, TorchValue>;
    for (let i = 0; i < pairs.length; i += 2) target.set(pairs[i] as string, pairs[i + 1] as TorchValue);
  }

  private appendAll(items: Item[]): void {
    (this.stack.at(-1) as Item[]).push(...items);
  }

  private longInteger(): number {
    const length = this.byte();
    let value = 0n;
    for (let i = 0; i < length; i++) value |= BigInt(this.byte()) << BigInt(8 * i);
    return Number(BigInt.asIntN(8 * length, value));
  }

  private popToMark(): Item[] {
    const start = this.stack.lastIndexOf(mark);
    const items = this.stack.splice(start);
    return items.slice(1);
  }

  private popMany(count: number): Item[] {
    return this.stack.splice(this.stack.length - count);
  }

  private pop(): Item {
    return this.stack.pop() as Item;
  }

  private byte(): number {
    return this.bytes[this.position++] as number;
  }

  private number(width: number, read: (at: number) => number): number {
    this.position += width;
    return read(this.position - width);
  }

  private text(length: number): string {
    this.position += length;
    return new TextDecoder().decode(this.bytes.subarray(this.position - length, this.position));
  }

  private line(): string {
    const start = this.position;
    while (this.byte() !== 0x0a);
    return new TextDecoder().decode(this.bytes.subarray(start, this.position - 1));
  }
}
