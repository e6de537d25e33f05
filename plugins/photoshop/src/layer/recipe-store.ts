/**
 * Recipes of edits in the document's XMP, keyed by the result's layer: so that an edit can be changed after the file was closed.
 *
 * All recipes are one text property (JSON) in a namespace of our own. The packet belongs to others: it is edited as text, only
 * our property is cut out and put in, and whatever does not look like RDF is left alone (`undefined` instead of a packet).
 * Writers of XMP may turn the property into an attribute, change the prefix and the quotes; all of that is read.
 */
import type { Bounds } from '../host/photoshop-port.js';

/** What made a result layer. Names help when ids do not: a duplicated document gets new ones. */
export interface Recipe {
  readonly layerId: number;
  readonly layerName: string;
  readonly sourceId: number;
  readonly sourceName: string;
  /** What the panel needs to do the edit again. */
  readonly edit: string;
  /** The part of the source that was read, from the top left of its bounds; all of it when left out. */
  readonly area?: Bounds;
}

/** Bounds of what is put into, and taken from, a document. */
export const recipeLimits = {
  recipes: 256,
  editCharacters: 16 * 1024,
  nameCharacters: 256,
  allCharacters: 512 * 1024,
  /** Metadata beyond this is left alone: some files drag the histories of a thousand others along. */
  xmpCharacters: 16 * 1024 * 1024,
} as const;

const ours = 'https://deltaspace.dev/ns/edit/1.0/';
const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';

const freshPacket =
  '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>' +
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="${rdf}"></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;

/** The recipes of a document; none when there are none, or none that can be read. */
export function readRecipes(xmp: string): readonly Recipe[] {
  if (xmp.length > recipeLimits.xmpCharacters) return [];
  const text = findProperty(xmp)?.text;
  if (text === undefined || text.length > recipeLimits.allCharacters) return [];
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.filter(isRecipe).slice(-recipeLimits.recipes) : [];
  } catch {
    return []; // cut off or rewritten by somebody else: as good as none
  }
}

/**
 * The packet with a recipe in it, instead of an earlier one of the same layer. The oldest give way to the limits.
 * @returns undefined when the packet cannot be extended safely.
 */
export function storeRecipe(xmp: string, recipe: Recipe): string | undefined {
  const isTooLong = recipe.edit.length > recipeLimits.editCharacters || xmp.length > recipeLimits.xmpCharacters;
  if (isTooLong) return undefined;
  const others = readRecipes(xmp).filter(({ layerId }) => layerId !== recipe.layerId);
  let kept = [...others, recipe].slice(-recipeLimits.recipes);
  while (JSON.stringify(kept).length > recipeLimits.allCharacters) kept = kept.slice(1);
  return putProperty(xmp, JSON.stringify(kept));
}

/** The recipe of a layer: by its id if the name agrees or nothing else fits, otherwise by its name. */
export function recipeOf(recipes: readonly Recipe[], layer: { id: number; name: string }): Recipe | undefined {
  const byId = recipes.find(({ layerId }) => layerId === layer.id);
  if (byId?.layerName === layer.name) return byId;
  return byId ?? recipes.find(({ layerName }) => layerName === layer.name);
}

interface Found {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Our property, as an element or as an attribute, under whatever prefixes are bound to our namespace. */
function findProperty(xmp: string): Found | undefined {
  for (const prefix of prefixesOf(xmp, ours)) {
    const name = `${prefix}:recipes`;
    const element = new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)</${name}\\s*>`).exec(xmp);
    if (element !== null) return found(element, element[1]!);
    const attribute = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`).exec(xmp);
    if (attribute !== null) return found(attribute, attribute[1] ?? attribute[2]!);
  }
  return undefined;
}

const found = (match: RegExpExecArray, text: string): Found => ({
  text: unescapeXml(text),
  start: match.index,
  end: match.index + match[0].length,
});

function putProperty(xmp: string, text: string): string | undefined {
  const packet = xmp.trim() === '' ? freshPacket : xmp;
  let rest = packet;
  for (let old = findProperty(rest); old !== undefined; old = findProperty(rest)) {
    rest = rest.slice(0, old.start) + rest.slice(old.end);
  }
  const [prefix] = prefixesOf(rest, rdf);
  if (prefix === undefined) return undefined;
  const description =
    `<${prefix}:Description ${prefix}:about="" xmlns:deltaspace="${ours}">` +
    `<deltaspace:recipes>${escapeXml(text)}</deltaspace:recipes></${prefix}:Description>`;
  rest = rest.replace(leftover(prefix), '');
  const selfClosed = new RegExp(`<${prefix}:RDF([^>]*)/>`).exec(rest);
  if (selfClosed !== null) {
    const opened = `<${prefix}:RDF${selfClosed[1]!}>${description}</${prefix}:RDF>`;
    return rest.slice(0, selfClosed.index) + opened + rest.slice(selfClosed.index + selfClosed[0].length);
  }
  const end = rest.lastIndexOf(`</${prefix}:RDF>`);
  return end < 0 ? undefined : rest.slice(0, end) + description + rest.slice(end);
}

/** A description of ours from which the property was cut out. Others may have put theirs into it: then it stays. */
const leftover = (prefix: string): RegExp =>
  new RegExp(
    `<${prefix}:Description ${prefix}:about=(?:""|'') xmlns:\\w+=["']${ours}["']\\s*(?:/>|>\\s*</${prefix}:Description>)`,
    'g',
  );

/** The prefixes that are bound to a namespace anywhere in the packet. */
function prefixesOf(xmp: string, namespace: string): readonly string[] {
  const escaped = namespace.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const bindings = xmp.matchAll(new RegExp(`xmlns:([A-Za-z_][\\w-]*)\\s*=\\s*["']${escaped}["']`, 'g'));
  return [...new Set([...bindings].map((match) => match[1]!))];
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function escapeXml(text: string): string {
  // Control characters are escaped by JSON already; line ends too, which XML would normalise.
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function unescapeXml(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w{2,4}));/g,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? whole;
      const code = hex === undefined ? Number.parseInt(decimal!, 10) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

function isRecipe(value: unknown): value is Recipe {
  if (typeof value !== 'object' || value === null) return false;
  const { layerId, sourceId, layerName, sourceName, edit, area } = value as Record<string, unknown>;
  const isName = (name: unknown): boolean => typeof name === 'string' && name.length <= recipeLimits.nameCharacters;
  const isText = typeof edit === 'string' && edit.length <= recipeLimits.editCharacters;
  return (
    Number.isSafeInteger(layerId) &&
    Number.isSafeInteger(sourceId) &&
    isName(layerName) &&
    isName(sourceName) &&
    isText &&
    (area === undefined || isArea(area))
  );
}

function isArea(value: unknown): value is Bounds {
  if (typeof value !== 'object' || value === null) return false;
  const { left, top, right, bottom } = value as Record<string, unknown>;
  return [left, top, right, bottom].every(Number.isSafeInteger);
}
