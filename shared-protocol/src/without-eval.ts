/**
 * zod checks without generating code: Photoshop's script engine and the pages around plugins forbid `eval`.
 *
 * The setting is global to zod and is read when a schema is made, so this file comes before every file that makes one: first in
 * index.ts.
 */
import * as z from 'zod';

z.config({ jitless: true });
