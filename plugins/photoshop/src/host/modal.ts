/**
 * Short modal scopes, and one history step inside one.
 *
 * Photoshop lets one plugin be modal at a time and rejects the others with error 9; another plugin's scope is usually short,
 * so we ask again for a while before the user is told. A step that fails is rolled back: nothing of it stays, not even
 * in the history.
 */
import * as commands from './batch-play.js';
import { findDocument, findLayer } from './document-facts.js';
import { HostError } from './host-error.js';
import type { HostDocument, HostExecution, HostLayer, HostModules, ModalOptions } from './host-modules.js';
import * as pixels from './pixels.js';
import type { LayerWriter, ModalScope } from './photoshop-port.js';

/** How long and how often a modal scope is asked for before the user hears that Photoshop is busy. */
export const modalLimits = { attempts: 8, firstDelayMs: 50, longestDelayMs: 800, hostTimeoutS: 1 } as const;

/** What Photoshop rejects with while it is modal for somebody else. */
const modalBusyNumber = 9;

const numberOf = (error: unknown): unknown => (error as { number?: unknown } | null | undefined)?.number;

/** Runs `work` in a modal scope of its own. See `PhotoshopPort.modal` for what it throws. */
export async function runModal<T>(
  modules: HostModules,
  name: string,
  work: (scope: ModalScope) => Promise<T>,
): Promise<T> {
  let delayMs: number = modalLimits.firstDelayMs;
  for (let attempt = 1; ; attempt++) {
    const entered = { value: false };
    try {
      const options: ModalOptions = { commandName: name, timeOut: modalLimits.hostTimeoutS };
      return await modules.core.executeAsModal((execution) => {
        entered.value = true;
        return runInScope(modules, execution, work);
      }, options);
    } catch (error) {
      if (entered.value || numberOf(error) !== modalBusyNumber) throw error;
      if (attempt === modalLimits.attempts) {
        throw new HostError('busy', `Photoshop stayed busy for ${attempt} attempts at "${name}"`, { cause: error });
      }
    }
    await modules.wait(delayMs);
    delayMs = Math.min(delayMs * 2, modalLimits.longestDelayMs);
  }
}

/** Runs `work` with an execution that the host has opened, and tells a cancelled one from a failed one. */
export async function runInScope<T>(
  modules: HostModules,
  execution: HostExecution,
  work: (scope: ModalScope) => Promise<T>,
): Promise<T> {
  try {
    return await work(createScope(modules, execution));
  } catch (error) {
    // After Esc every call to the host throws something or other: what it was does not matter.
    if (!execution.isCancelled) throw error;
    throw error instanceof HostError ? error : new HostError('cancelled', 'cancelled in Photoshop', { cause: error });
  }
}

function createScope(modules: HostModules, execution: HostExecution): ModalScope {
  return {
    checkCancelled: () => {
      if (execution.isCancelled) throw new HostError('cancelled', 'cancelled in Photoshop');
    },
    report: (fraction) => execution.reportProgress({ value: fraction }),
    readPixels: (request) => pixels.readPixels(modules, request),
    readPreview: (request) => pixels.readPreview(modules, request),
    readSelection: (documentId, bounds) => pixels.readSelection(modules, documentId, bounds),
    hasMask: (documentId, layerId) => commands.hasUserMask(modules, documentId, layerId),
    readXmp: (documentId) => commands.readXmp(modules, documentId),
    inOneStep: (documentId, name, work) => runInOneStep(modules, execution, documentId, name, work),
  };
}

async function runInOneStep<T>(
  modules: HostModules,
  { hostControl }: HostExecution,
  documentId: number,
  name: string,
  work: (writer: LayerWriter) => Promise<T>,
): Promise<T> {
  const document = findDocument(modules, documentId);
  if (document === undefined) throw new HostError('refused', `document ${documentId} is not open`);
  // Masks are made, and layers selected, in the active document only.
  const front = modules.app.activeDocument;
  if (front.id !== documentId) modules.app.activeDocument = document;
  try {
    return await runSuspended(modules, hostControl, document, name, work);
  } finally {
    // After Esc this throws like everything else; the person then sees the document that the edit was for.
    if (front.id !== documentId) restoreFront(modules, front);
  }
}

function restoreFront(modules: HostModules, front: HostDocument): void {
  try {
    modules.app.activeDocument = front;
  } catch {
    // Which document is in front is not worth an error.
  }
}

async function runSuspended<T>(
  modules: HostModules,
  hostControl: HostExecution['hostControl'],
  document: HostDocument,
  name: string,
  work: (writer: LayerWriter) => Promise<T>,
): Promise<T> {
  const documentId = document.id;
  const suspension = await hostControl.suspendHistory({ documentID: documentId, name });
  let result: T;
  try {
    result = await work(createWriter(modules, document));
  } catch (error) {
    // Photoshop rolls back by itself when the whole scope throws; here the caller may go on, so it is done explicitly.
    // Should that fail too (after Esc it does), the host's own roll-back at the end of the scope is what remains.
    await hostControl.resumeHistory(suspension, false).catch(() => undefined);
    throw error;
  }
  await hostControl.resumeHistory(suspension, true);
  return result;
}

function createWriter(modules: HostModules, document: HostDocument): LayerWriter {
  const documentId = document.id;
  const layer = (layerId: number): HostLayer => {
    const found = findLayer(document, layerId);
    if (found === undefined) throw new HostError('refused', `layer ${layerId} is not in document ${documentId}`);
    return found;
  };
  return {
    createLayer: async (name, aboveLayerId) => {
      const created = await document.createPixelLayer({ name });
      if (created === null) throw new HostError('refused', 'Photoshop made no layer');
      if (aboveLayerId !== undefined)
        created.move(layer(aboveLayerId), 'placeBefore' as Parameters<HostLayer['move']>[1]);
      return created.id;
    },
    rename: (layerId, name) => {
      layer(layerId).name = name;
    },
    clipToBelow: (layerId) => {
      layer(layerId).isClippingMask = true;
    },
    writePixels: (layerId, block, replaceAll) => pixels.writePixels(modules, documentId, layerId, block, replaceAll),
    hideByMask: async (layerId) => {
      if (await commands.hasUserMask(modules, documentId, layerId))
        await commands.deleteMask(modules, documentId, layerId);
      await commands.makeHidingMask(modules, documentId, layerId);
    },
    writeMask: (layerId, block) => pixels.writeMask(modules, documentId, layerId, block),
    select: (layerId) => commands.selectLayer(modules, documentId, layerId),
    writeXmp: (text) => commands.writeXmp(modules, documentId, text),
  };
}
