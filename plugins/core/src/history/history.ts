/**
 * Finished edits with thumbnails, to apply again or to edit further. Newest first, bounded by number and bytes; favourites stay
 * while others go. It lives in memory: recipes that shall last are stored in the document by the host.
 */
import type { Recipe } from '@deltaspace/shared-protocol';
import { Subject, type Observable } from '../observable.js';
import { recipeTitle } from '../recipe/texts.js';

export const historyLimits = {
  entries: 60,
  /** Of the entries above, so that there is always room for the newest. */
  favourites: 40,
  /** All thumbnails together: PNG files of some 20 kB. */
  thumbnailBytes: 8 * 1024 * 1024,
  /** One thumbnail; a larger one is left out of its entry. */
  oneThumbnailBytes: 512 * 1024,
} as const;

/** Where an edit came from, in the host's words: enough to find the layer again. */
export interface EditOrigin {
  readonly layerId: string;
  readonly layerName: string;
  readonly documentId?: string;
}

export interface Thumbnail {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly encoding: 'png' | 'rgba8';
}

export interface HistoryEntry {
  readonly id: string;
  readonly createdAtMs: number;
  readonly title: string;
  readonly recipe: Recipe;
  readonly origin: EditOrigin;
  readonly thumbnail: Thumbnail | undefined;
  readonly isFavourite: boolean;
}

export class History {
  readonly #platform: { nowMs(): number; randomId(): string };
  readonly #entries = new Subject<readonly HistoryEntry[]>([]);

  constructor(platform: { nowMs(): number; randomId(): string }) {
    this.#platform = platform;
  }

  /** Newest first. */
  get entries(): Observable<readonly HistoryEntry[]> {
    return this.#entries;
  }

  /** Adds a finished edit. The thumbnail's bytes belong to the history from then on. */
  add(edit: { readonly recipe: Recipe; readonly origin: EditOrigin; readonly thumbnail?: Thumbnail }): HistoryEntry {
    const { recipe, origin, thumbnail } = edit;
    const fits = thumbnail !== undefined && thumbnail.bytes.length <= historyLimits.oneThumbnailBytes;
    const entry: HistoryEntry = {
      id: this.#platform.randomId(),
      createdAtMs: this.#platform.nowMs(),
      title: recipeTitle(recipe),
      recipe,
      origin,
      thumbnail: fits ? thumbnail : undefined,
      isFavourite: false,
    };
    this.#entries.set(withinLimits([entry, ...this.#entries.value]));
    return entry;
  }

  find(id: string): HistoryEntry | undefined {
    return this.#entries.value.find((entry) => entry.id === id);
  }

  /** Pins an entry or lets it go. @returns false when there are too many favourites, or no such entry. */
  setFavourite(id: string, isFavourite: boolean): boolean {
    const entries = this.#entries.value;
    if (!entries.some((entry) => entry.id === id)) return false;
    const favourites = entries.filter((entry) => entry.isFavourite && entry.id !== id).length;
    if (isFavourite && favourites >= historyLimits.favourites) return false;
    const changed = entries.map((entry) => (entry.id === id ? { ...entry, isFavourite } : entry));
    this.#entries.set(withinLimits(changed));
    return true;
  }

  remove(id: string): void {
    this.#entries.set(this.#entries.value.filter((entry) => entry.id !== id));
  }

  /** Empties it, favourites excepted. */
  clear(): void {
    this.#entries.set(this.#entries.value.filter(({ isFavourite }) => isFavourite));
  }
}

/** Drops the oldest entries that nobody pinned until the rest fits; then thumbnails of the oldest favourites. */
function withinLimits(entries: readonly HistoryEntry[]): readonly HistoryEntry[] {
  const kept = [...entries];
  const bytes = (): number => kept.reduce((sum, { thumbnail }) => sum + (thumbnail?.bytes.length ?? 0), 0);
  while (kept.length > historyLimits.entries || bytes() > historyLimits.thumbnailBytes) {
    const index = lastIndex(kept, (entry, position) => !entry.isFavourite && position > 0);
    if (index >= 0) kept.splice(index, 1);
    else if (!dropThumbnail(kept)) break;
  }
  return kept;
}

function dropThumbnail(entries: HistoryEntry[]): boolean {
  const index = lastIndex(entries, ({ thumbnail }) => thumbnail !== undefined);
  const entry = entries[index];
  if (entry === undefined) return false;
  entries[index] = { ...entry, thumbnail: undefined };
  return true;
}

/** −1 when there is none. Script engines of older editors have no `findLastIndex`. */
function lastIndex<Item>(items: readonly Item[], fits: (item: Item, position: number) => boolean): number {
  let position = items.length - 1;
  while (position >= 0 && !fits(items[position] as Item, position)) position -= 1;
  return position;
}
