/**
 * What Figma reads in a manifest, as strictly as we use it: unknown fields are errors, and so is what we do not want.
 *
 * Figma publishes no schema. Fields and rules are those of its documentation; what only Figma can say is listed in the plugin's
 * README, to be checked there by a person.
 */
import * as z from 'zod';

const fileName = z.string().regex(/^[a-z]+\.(js|html)$/, 'expected the name of a file beside the manifest');
const commandName = z.string().regex(/^[a-z]+$/);
const label = z.string().min(1).max(60);

const parameterSchema = z.strictObject({
  name: label,
  key: z.string().regex(/^[a-z][a-zA-Z]*$/),
  description: z.string().max(120).optional(),
  allowFreeform: z.boolean().optional(),
  optional: z.boolean().optional(),
});

const menuItemSchema = z.union([
  z.strictObject({ separator: z.literal(true) }),
  z.strictObject({
    name: label,
    command: commandName,
    parameters: z.array(parameterSchema).min(1).optional(),
    parameterOnly: z.boolean().optional(),
  }),
]);

/** Scheme, loopback name and port: anything wider would let the plugin talk to others. */
const loopbackAddress = z
  .string()
  .regex(/^(ws|http):\/\/localhost:\d{4,5}$/, 'expected ws:// or http://localhost:PORT');

export const manifestSchema = z
  .strictObject({
    name: label,
    id: z.string().min(1),
    api: z.literal('1.0.0'),
    main: fileName,
    ui: fileName,
    editorType: z.array(z.enum(['figma', 'figjam', 'dev', 'slides', 'buzz'])).min(1),
    documentAccess: z.literal('dynamic-page'),
    networkAccess: z.strictObject({
      allowedDomains: z.array(loopbackAddress).min(1),
      reasoning: z.string().min(1),
    }),
    permissions: z.array(z.enum(['currentuser'])).optional(),
    menu: z.array(menuItemSchema).min(1),
    relaunchButtons: z.array(
      z.strictObject({ command: commandName, name: label, multipleSelection: z.boolean().optional() }),
    ),
  })
  .refine(({ editorType }) => !(editorType.includes('figjam') && editorType.includes('dev')), {
    message: 'expected figjam or dev, got both; Figma refuses such a manifest',
    path: ['editorType'],
  })
  .refine(({ menu }) => menu.every((item) => !('parameters' in item) || requiredFirst(item.parameters ?? [])), {
    message: 'expected optional parameters after the required ones',
    path: ['menu'],
  });

export type Manifest = z.input<typeof manifestSchema>;

function requiredFirst(parameters: readonly { readonly optional?: boolean | undefined }[]): boolean {
  const firstOptional = parameters.findIndex(({ optional }) => optional === true);
  return firstOptional < 0 || parameters.slice(firstOptional).every(({ optional }) => optional === true);
}
