/**
 * The worker process of the background: evaluations, analyses, checks and trainings, one at a time, beside the worker that edits.
 */
import { runAvatarsRecipe } from '../recipes/avatars/recipe.js';
import { serveBackground } from './serve-background.js';

serveBackground(runAvatarsRecipe);
