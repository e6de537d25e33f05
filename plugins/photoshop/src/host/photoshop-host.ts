/**
 * The port on the real modules of Photoshop, which arrive as arguments (`modules.ts` has them).
 *
 * It holds one piece of state: the execution of a recorded step that is being played back. Photoshop is modal then already,
 * and a second scope inside it is not asked for.
 */
import { documentFacts, findDocument, findLayer, layerFacts, layersOf, plainBounds } from './document-facts.js';
import type { HostExecution, HostModules } from './host-modules.js';
import { runInScope, runModal } from './modal.js';
import type { PhotoshopPort } from './photoshop-port.js';

/** What may change the active document, layer or selection. */
const watchedEvents = ['select', 'make', 'delete', 'set', 'move', 'open', 'close', 'undo', 'historyStateChanged'];

export function createPhotoshopPort(modules: HostModules): PhotoshopPort {
  let replaying: HostExecution | undefined;
  return {
    activeDocument: () => {
      // With no document open, asking for the active one throws in some versions.
      if (modules.app.documents.length === 0) return undefined;
      return documentFacts(modules.app.activeDocument);
    },
    document: (documentId) => {
      const document = findDocument(modules, documentId);
      return document && documentFacts(document);
    },
    activeLayers: (documentId) => {
      const document = findDocument(modules, documentId);
      return document === undefined ? [] : [...document.activeLayers].map((layer) => layerFacts(document, layer));
    },
    layer: (documentId, layerId) => {
      const document = findDocument(modules, documentId);
      const layer = document && findLayer(document, layerId);
      return layer && layerFacts(document, layer);
    },
    layersNamed: (documentId, name) => {
      const document = findDocument(modules, documentId);
      if (document === undefined) return [];
      return [...layersOf(document.layers)]
        .filter((layer) => layer.name === name)
        .map((layer) => layerFacts(document, layer));
    },
    selectionBounds: (documentId) => {
      const bounds = findDocument(modules, documentId)?.selection.bounds ?? undefined;
      return bounds && plainBounds(bounds);
    },
    modal: (name, work) =>
      replaying === undefined ? runModal(modules, name, work) : runInScope(modules, replaying, work),
    watch: async (listener) => {
      const heard = (): void => listener();
      await modules.action.addNotificationListener(watchedEvents, heard);
      return () => modules.action.removeNotificationListener(watchedEvents, heard);
    },
    recordStep: (title, methodName, parameters) => modules.action.recordAction({ name: title, methodName }, parameters),
    alert: (text) => modules.core.showAlert({ message: text }),
    onReplay: (methodName, handler) => {
      modules.globals[methodName] = async (execution: HostExecution, parameters: unknown): Promise<void> => {
        replaying = execution;
        try {
          await handler(stringsOf(parameters));
        } finally {
          replaying = undefined;
        }
      };
    },
  };
}

/** The texts among the parameters of a recorded step: actions are files, anyone may have written them. */
function stringsOf(parameters: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries((parameters ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
