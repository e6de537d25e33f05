/**
 * Minimal reader of the fixture checkpoints: both containers that torch writes, ZIP and the older row of pickles, holding
 * nested dictionaries of contiguous tensors. Test-side only; it trusts its input (the fixtures are hashed) and understands
 * no more than they need.
 */
import { decodeHalf } from '@deltaspace/models';
import { tensor, type Tensor } from '@deltaspace/onnx-graph';

/** What a fixture pickle may contain. */
export type TorchValue = Tensor | Map<string, TorchValue> | TorchValue[] | string | number | boolean | null;

/** Reads a checkpoint in either container. Half-precision tensors are widened to float32. */
export function readTorch(file: Uint8Array): TorchValue {
  return file[0] === 0x50 && file[1] === 0x4b ? readTorchZip(file) : readTorchLegacy(file);
}

/** Reads one ZIP checkpoint. Throws on compressed entries and on pickle opcodes outside the subset. */
export function readTorchZip(file: Uint8Array): TorchValue {
  const entries = zipEntries(file);
  const pickleName = [...entries.keys()].find((name) => name.endsWith('/data.pkl'));
  if (pickleName === undefined) throw new Error('no data.pkl in the archive');
  const prefix = pickleName.slice(0, -'data.pkl'.length);
  const unpickler = new Unpickler(entries.get(pickleName) as Uint8Array);
  const value = unpickler.load();
  for (const view of unpickler.views) fillView(view, entries.get(`${prefix}data/${view.storage.key}`));
  return value;
}

/** First pickle of the older container. */
const legacyMagic = Number(0x1950a86a20f9469cfc6cn);

/**
 * Reads one checkpoint of the container before ZIP: five pickles (magic number, version, system, the object, the storage
 * keys), then for every key the number of elements as int64 and the elements.
 */
export function readTorchLegacy(file: Uint8Array): TorchValue {
  let at = 0;
  const next = (): { value: TorchValue; unpickler: Unpickler } => {
    const unpickler = new Unpickler(file, at);
    const value = unpickler.load();
    at = unpickler.position;
    return { value, unpickler };
  };
  if (next().value !== legacyMagic) throw new Error('neither a ZIP nor a legacy torch file');
  next(); // version
  next(); // system
  const { value, unpickler } = next();
  const keys = next().value as string[];
  const storages = new Map<string, Uint8Array>();
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (const key of keys) {
    const storage = unpickler.storages.get(key);
    if (storage === undefined) throw new Error(`storage ${key} is listed but not used`);
    const sizeBytes = Number(view.getBigInt64(at, true)) * storage.width;
    storages.set(key, file.subarray(at + 8, at + 8 + sizeBytes));
    at += 8 + sizeBytes;
  }
  for (const tensorView of unpickler.views) fillView(tensorView, storages.get(tensorView.storage.key));
  return value;
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
  key: string;
  dtype: 'float32' | 'float64' | 'int64';
  /** Bytes of one stored element. */
  width: number;
}
/** A tensor's elements, still to be copied from its storage. */
interface View {
  storage: Storage;
  offset: number;
  data: Tensor['data'];
}
/** Intermediate stack items, before they are known to be part of the result. */
type Item = TorchValue | Global | Storage | Item[] | typeof mark;
const mark = Symbol('mark');

const storageKinds: Readonly<Record<string, Omit<Storage, 'key'>>> = {
  'torch.FloatStorage': { dtype: 'float32', width: 4 },
  'torch.DoubleStorage': { dtype: 'float64', width: 8 },
  'torch.HalfStorage': { dtype: 'float32', width: 2 },
  'torch.LongStorage': { dtype: 'int64', width: 8 },
};

/** Copies a tensor's elements out of its storage. */
function fillView({ storage, offset, data }: View, bytes: Uint8Array | undefined): void {
  const { key, width } = storage;
  if (bytes === undefined || bytes.length < (offset + data.length) * width) throw new Error(`storage ${key} is short`);
  const own = bytes.slice(offset * width, (offset + data.length) * width);
  if (width === data.BYTES_PER_ELEMENT) new Uint8Array(data.buffer).set(own);
  else new Uint16Array(own.buffer).forEach((half, i) => (data[i] = decodeHalf(half)));
}

class Unpickler {
  /** Every tensor met, in order; they are zeros until filled. */
  readonly views: View[] = [];
  /** Every storage met, by key. */
  readonly storages = new Map<string, Storage>();
  private readonly stack: Item[] = [];
  private readonly memo = new Map<number, Item>();
  private readonly view: DataView;

  /** `position` is the next byte to read. */
  constructor(
    private readonly bytes: Uint8Array,
    public position = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Reads one pickle to its end. */
  load(): TorchValue {
    while (this.bytes[this.position] !== 0x2e) this.step(this.byte());
    this.position++;
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
      U: () => this.text(this.byte()),
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
    // Python 2 passes the pairs to the constructor, Python 3 sets them afterwards.
    if (global === 'collections.OrderedDict') return new Map((argumentsOf[0] ?? []) as [string, TorchValue][]);
    if (global !== 'torch._utils._rebuild_tensor_v2') throw new Error(`global ${global} is outside the fixture subset`);
    const [storage, offset, shape, strides] = argumentsOf as [Storage, number, number[], number[]];
    const count = shape.reduce((product, axis) => product * axis, 1);
    if (!contiguous(shape, strides)) throw new Error(`strides ${strides.join(', ')} are outside the fixture subset`);
    const arrays = { float32: Float32Array, float64: Float64Array, int64: BigInt64Array };
    const data = new arrays[storage.dtype](count);
    this.views.push({ storage, offset, data });
    return tensor(storage.dtype, shape, data);
  }

  private persistent(): Item {
    const [, { global }, key] = this.pop() as [string, Global, string];
    const kind = storageKinds[global];
    if (kind === undefined) throw new Error(`${global} is outside the fixture subset`);
    const storage = { key, ...kind };
    this.storages.set(key, storage);
    return storage;
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

/** Whether elements lie row by row without gaps. */
function contiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis] as number;
  }
  return true;
}
