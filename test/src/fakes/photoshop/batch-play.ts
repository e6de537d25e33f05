/** `action.batchPlay` of the fake Photoshop: the commands that the plugin uses; any other throws. Failures are answered, not thrown. */
import { find, replaceLayer, type LayerState } from './document-state.js';
import type { OpenDocument } from './open-document.js';
import { nothing } from './samples.js';

type Descriptor = Record<string, unknown>;
type Reference = { _ref?: string; _id?: number; _property?: string; _value?: string };

/** Plays one command. */
export function play(documentOf: (id: number | undefined) => OpenDocument, command: Descriptor): Descriptor {
  const references = (command['_target'] ?? []) as Reference[];
  const document = documentOf(references.find(({ _ref }) => _ref === 'document')?._id);
  const layerId = references.find(({ _ref }) => _ref === 'layer')?._id ?? document.state.activeIds[0];
  const layer = layerId === undefined ? undefined : find(document.state, layerId)?.layer;
  const property = references.find(({ _property }) => _property !== undefined)?._property;
  const options = command['_options'] as { dialogOptions?: string } | undefined;
  if (options?.dialogOptions !== 'dontDisplay') throw new Error('the command would open a dialog');
  const key = [command['_obj'], property].filter(Boolean).join(' ');
  const setLayer = (what: string, parts: Partial<LayerState>): void =>
    document.write(what, (state) => ({
      ...state,
      layers: replaceLayer(state.layers, layer!.id, (old) => ({ ...old, ...parts })),
    }));
  if (layer === undefined && key !== 'get XMPMetadataAsUTF8' && key !== 'set XMPMetadataAsUTF8') {
    return { _obj: 'error', result: -25_920, message: 'The object "layer" is not currently available.' };
  }
  switch (key) {
    case 'get hasUserMask':
      return { hasUserMask: layer!.mask !== undefined };
    case 'get XMPMetadataAsUTF8':
      return { XMPMetadataAsUTF8: document.state.xmp };
    case 'set XMPMetadataAsUTF8': {
      const xmp = (command['to'] as { XMPMetadataAsUTF8: string }).XMPMetadataAsUTF8;
      document.write('Set Metadata', (state) => ({ ...state, xmp }));
      return {};
    }
    case 'select':
      document.write('Select', (state) => ({ ...state, activeIds: [layer!.id] }));
      return {};
    case 'make':
      if (layer!.mask !== undefined) return { _obj: 'error', result: -1, message: 'The layer has a mask already.' };
      setLayer('Add Mask', { mask: { bounds: nothing, samples: new Uint8Array(), outside: 0 } });
      return {};
    case 'delete':
      setLayer('Delete Mask', { mask: undefined });
      return {};
    default:
      throw new Error(`the fake Photoshop does not know the command "${key}"`);
  }
}
