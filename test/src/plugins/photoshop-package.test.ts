import vm from 'node:vm';
import {
  buildPlugin,
  commandIds,
  createManifest,
  createPhotoshopPort,
  createCommands,
  iconFiles,
  lintPackage,
  manifestSchema,
  packageFiles,
  packCcx,
  panelId,
  replayMethodName,
  words,
  type Manifest,
} from '@deltaspace/photoshop-plugin';
import { daemonPorts } from '@deltaspace/shared-protocol';
import { Ajv } from 'ajv';
import { unzipSync } from 'fflate';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { FakePhotoshop } from '../fakes/photoshop/fake-photoshop.js';
import { checkPermission, FakeUxp } from '../fakes/photoshop/fake-uxp.js';
import { header, paintGlasses, portrait } from '../fakes/photoshop/scenes.js';

let files: ReadonlyMap<string, Uint8Array>;
let manifest: Manifest;
beforeAll(async () => {
  files = await buildPlugin();
  manifest = JSON.parse(textOf(packageFiles.manifest)) as Manifest;
});

const textOf = (name: string): string => new TextDecoder().decode(files.get(name));
const isValid = new Ajv({ strict: true, strictTypes: false }).compile(manifestSchema);

describe('the manifest', () => {
  it('is what the strict schema allows', () => {
    expect(isValid(manifest), JSON.stringify(isValid.errors)).toBe(true);
  });

  it.each([
    ['a misspelt member', { permissions: {} }],
    ['a script instead of a page', { main: 'main.js' }],
    ['the version before', { manifestVersion: 4 }],
    ['several hosts', { host: [{ app: 'PS', minVersion: '25.0.0' }] }],
    ['all domains', { requiredPermissions: { network: { domains: 'all' } } }],
    ['a wildcard for ports', { requiredPermissions: { network: { domains: ['ws://localhost:*'] } } }],
    ['a bare host', { requiredPermissions: { network: { domains: ['127.0.0.1'] } } }],
    ['another host', { requiredPermissions: { network: { domains: ['ws://example.com:7411'] } } }],
    ['files', { requiredPermissions: { network: manifestNetwork(), localFileSystem: 'fullAccess' } }],
  ])('with %s is refused', (_, parts) => {
    expect(isValid({ ...createManifest('1.2.3'), ...parts })).toBe(false);
  });

  it('allows exactly the ports of the daemon, each by name and by number', () => {
    const expected = daemonPorts.flatMap((port) =>
      ['ws://localhost', 'ws://127.0.0.1', 'http://localhost', 'http://127.0.0.1'].map((origin) => `${origin}:${port}`),
    );
    expect(manifest.requiredPermissions.network.domains.toSorted()).toEqual(expected.toSorted());
    for (const port of daemonPorts) checkPermission(manifest, `ws://127.0.0.1:${port}/v1/socket`);
    for (const url of ['ws://127.0.0.1:7410/', 'ws://[::1]:7411/', 'wss://localhost:7411/', 'http://localhost/']) {
      expect(() => checkPermission(manifest, url)).toThrow('Manifest entry not found');
    }
  });

  it('points to icons that exist, in the sizes that it says', async () => {
    const panel = manifest.entrypoints.find(({ type }) => type === 'panel')!;
    const icons = [...manifest.icons, ...(panel['icons'] as Manifest['icons'])];
    expect(icons).toHaveLength(4);
    for (const { path, width, height, scale } of icons) {
      for (const factor of scale) {
        const file = files.get(path.replace('.png', `@${factor}x.png`))!;
        const { format, width: actualWidth, height: actualHeight, hasAlpha } = await sharp(file).metadata();
        expect([format, actualWidth, actualHeight, hasAlpha]).toEqual(['png', width * factor, height * factor, true]);
      }
    }
  });

  it('has icons that can be seen on their themes', async () => {
    for (const [name, file] of iconFiles()) {
      const background = name.includes('dark') ? '#323232' : '#f0f0f0';
      const pixels = await sharp(file).flatten({ background }).greyscale().raw().toBuffer(); // stats() would not flatten
      expect(Math.max(...pixels) - Math.min(...pixels), name).toBeGreaterThan(120);
    }
  });
});

function manifestNetwork(): Manifest['requiredPermissions']['network'] {
  return createManifest('1.2.3').requiredPermissions.network;
}

/** The script was 380 kB when the panel was first complete, most of it the protocol's schemas. */
const scriptLimitBytes = 450_000;

/** An element without a page: enough to build the panel into, and to read what it says. */
class FakeElement {
  readonly style: Record<string, string> = {};
  readonly children: FakeElement[] = [];
  readonly #attributes = new Map<string, string>();
  textContent = '';
  value = '';

  constructor(readonly tagName: string) {}

  get text(): string {
    return this.textContent + this.children.map(({ text }) => text).join('\n');
  }
  appendChild = (child: FakeElement): void => void this.children.push(child);
  removeChild = (child: FakeElement): void => void this.children.splice(this.children.indexOf(child), 1);
  setAttribute = (name: string, value: string): void => void this.#attributes.set(name, value);
  getAttribute = (name: string): string | null => this.#attributes.get(name) ?? null;
  removeAttribute = (name: string): void => void this.#attributes.delete(name);
  addEventListener = (): void => undefined;
  focus = (): void => undefined;
}

describe('the script of the package', () => {
  it('sets up what the manifest promises, while it is first run', async () => {
    const photoshop = new FakePhotoshop();
    const uxp = new FakeUxp();
    const modules: Readonly<Record<string, object>> = { photoshop: photoshop.modules, uxp: uxp.module };
    const required: string[] = [];
    const require = (name: string): object => {
      required.push(name);
      const found = modules[name];
      if (found === undefined) throw new Error(`UXP has no module "${name}"`);
      return found;
    };
    const document = { createElement: (tag: string) => new FakeElement(tag) };
    const nobody = (): Promise<never> => Promise.reject(new Error('nobody answers'));
    const timers = { setTimeout: () => 0, clearTimeout: () => undefined };
    const globals = { require, module: { exports: {} }, exports: {}, document, fetch: nobody, ...timers };
    vm.runInNewContext(textOf(packageFiles.script), globals);
    expect(required.toSorted()).toEqual(['photoshop', 'uxp']);
    const promised = (type: string) => manifest.entrypoints.filter((entry) => entry.type === type).map(({ id }) => id);
    expect(Object.keys(uxp.entryPoints!.commands!)).toEqual(promised('command'));
    expect(Object.keys(uxp.entryPoints!.panels!)).toEqual(promised('panel'));
    expect(Object.keys(globals)).toContain(replayMethodName); // recorded actions call it by this name
    const root = new FakeElement('body');
    uxp.entryPoints!.panels![panelId]!.create(root);
    await uxp.entryPoints!.commands![commandIds.repeatLastEdit]!();
    expect(root.text).toContain(words.noEditYet);
  });

  it('is small enough to be read at every start of Photoshop', () => {
    expect(files.get(packageFiles.script)!.length).toBeLessThan(scriptLimitBytes);
  });
});

describe('the command "Repeat last edit"', () => {
  it('does the last edit again on the active layer, and tells what stands in the way', async () => {
    const photoshop = new FakePhotoshop();
    const told: string[] = [];
    const edit = (capture: Parameters<typeof paintGlasses>[0]) =>
      Promise.resolve({ edited: paintGlasses(capture), name: 'sunglasses +1.0' });
    const commands = createCommands({
      port: createPhotoshopPort(photoshop.modules),
      lastEdit: () => ({ edit, recipe: '{}' }),
      tell: (text) => told.push(text),
    });
    const repeat = commands[commandIds.repeatLastEdit]!;
    await repeat();
    expect(told).toEqual([words.noDocument]);
    const document = photoshop.open(header(), portrait(header()));
    await repeat();
    expect(document.history).toHaveLength(2);
    expect(told).toHaveLength(1);
  });
});

describe('the .ccx', () => {
  it('is a zip with the manifest at its root and all files of the folder', () => {
    const unzipped = unzipSync(packCcx(files));
    expect(Object.keys(unzipped)).toEqual([...files.keys()].toSorted());
    for (const [name, bytes] of files) expect(Buffer.compare(unzipped[name]!, bytes)).toBe(0);
  });

  it('has the same bytes when it is built again', async () => {
    const again = packCcx(new Map([...(await buildPlugin())].toReversed()));
    expect(Buffer.compare(again, packCcx(files))).toBe(0);
  });

  it.each([
    ['main.js.map', '{}', 'is a source map'],
    ['main.js', '//# sourceMappingURL=main.js.map', 'points to a source map'],
    ['main.js', 'const file = "/home/someone/deltaspace/x.ts"', 'path of the machine'],
    ['../main.js', '', 'outside of the plugin'],
  ])('does not take %s with "%s"', (name, content, message) => {
    const odd = new Map([...files, [name, new TextEncoder().encode(content)] as const]);
    expect(() => packCcx(odd)).toThrow(message);
  });

  it('needs a manifest', () => {
    expect(() => packCcx(new Map())).toThrow('manifest.json is missing');
  });
});

describe('the files of the package', () => {
  it('use nothing that UXP lacks', () => {
    expect(lintPackage(files)).toEqual([]);
  });
});
