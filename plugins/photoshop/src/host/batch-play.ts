/**
 * Commands of Photoshop's action system that the DOM has no call for. Always by id, always silent, always checked: a command
 * that fails does not reject, it answers with a descriptor of type `error`.
 */
import { HostError } from './host-error.js';
import type { HostModules } from './host-modules.js';

/** One command: `_obj` names it, the rest are its parameters. */
export interface Command {
  readonly _obj: string;
  readonly [parameter: string]: unknown;
}

const documentReference = (documentId: number): object => ({ _ref: 'document', _id: documentId });
const layerReference = (layerId: number): object => ({ _ref: 'layer', _id: layerId });

/**
 * Plays one command and answers its result.
 * @throws HostError `refused` with the host's message.
 */
async function play(modules: HostModules, command: Command): Promise<Record<string, unknown>> {
  const results = await modules.action.batchPlay([{ ...command, _options: { dialogOptions: 'dontDisplay' } }], {});
  const result = results[0] as Record<string, unknown> | undefined;
  if (result?.['_obj'] === 'error') {
    const message = typeof result['message'] === 'string' ? result['message'] : 'no reason given';
    throw new HostError('refused', `Photoshop refused "${command._obj}": ${message}`);
  }
  return result ?? {};
}

export async function hasUserMask(modules: HostModules, documentId: number, layerId: number): Promise<boolean> {
  const target = [{ _property: 'hasUserMask' }, layerReference(layerId), documentReference(documentId)];
  return (await play(modules, { _obj: 'get', _target: target }))['hasUserMask'] === true;
}

/** The document's XMP packet; empty when it has none. */
export async function readXmp(modules: HostModules, documentId: number): Promise<string> {
  const target = [{ _property: 'XMPMetadataAsUTF8' }, documentReference(documentId)];
  const text = (await play(modules, { _obj: 'get', _target: target }))['XMPMetadataAsUTF8'];
  return typeof text === 'string' ? text : '';
}

export async function writeXmp(modules: HostModules, documentId: number, text: string): Promise<void> {
  const target = [{ _ref: 'property', _property: 'XMPMetadataAsUTF8' }, documentReference(documentId)];
  await play(modules, { _obj: 'set', _target: target, to: { _obj: 'document', XMPMetadataAsUTF8: text } });
}

export async function selectLayer(modules: HostModules, documentId: number, layerId: number): Promise<void> {
  const target = [layerReference(layerId), documentReference(documentId)];
  await play(modules, { _obj: 'select', _target: target, makeVisible: false });
}

/** Adds a mask that hides everything to the layer, which is selected for it: masks are made for the active layer only. */
export async function makeHidingMask(modules: HostModules, documentId: number, layerId: number): Promise<void> {
  await selectLayer(modules, documentId, layerId);
  await play(modules, {
    _obj: 'make',
    new: { _class: 'channel' },
    at: { _ref: 'channel', _enum: 'channel', _value: 'mask' },
    using: { _enum: 'userMaskEnabled', _value: 'hideAll' },
  });
}

export async function deleteMask(modules: HostModules, documentId: number, layerId: number): Promise<void> {
  const mask = { _ref: 'channel', _enum: 'channel', _value: 'mask' };
  await play(modules, { _obj: 'delete', _target: [mask, layerReference(layerId), documentReference(documentId)] });
}
