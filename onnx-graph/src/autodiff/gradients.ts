/**
 * Reverse-mode differentiation, graph in, graph out.
 *
 * Walks from the loss towards the inputs, newest node first, and asks each node's rule (see the rule tables) for the
 * cotangents of its inputs. Rules use the same public operators that built the graph, so the result can be differentiated
 * again: second-order penalties (R1, path length) need nothing special.
 *
 * Not here: forward mode, control flow, and any folding of what the rules emit (onnxruntime does that).
 */
import type { Node, Value } from '../ir/graph.js';
import { assertShape, sizeOf } from '../ir/shape.js';
import { add } from '../ops/elementwise.js';
import { elementwiseRules } from './elementwise-rules.js';
import { layoutRules, zerosLike } from './layout-rules.js';
import { linearRules } from './linear-rules.js';
import type { RuleTable } from './rule.js';

/** One row per differentiable operator. */
export const vjpRules: RuleTable = { ...elementwiseRules, ...layoutRules, ...linearRules };

/**
 * d loss / d wrt[k], each with the shape of wrt[k]; zeros where the loss does not depend on it.
 * `seed` is the cotangent of the loss (default 1: the loss must then be a scalar). Throws for operators without a rule.
 */
export function gradients(loss: Value, wrt: readonly Value[], seed?: Value): Value[] {
  if (!seed && sizeOf(loss.shape) !== 1) throw new Error(`gradients: ${loss.toString()} is no scalar; give a seed`);
  const active = valuesBetween(loss, wrt);
  const cotangents = new Map<Value, Value>([[loss, seed ?? loss.graph.constant([1], loss.shape, loss.dtype)]]);
  for (const node of nodesNewestFirst(active)) pullBack(node, active, cotangents);
  return wrt.map((value) => cotangents.get(value) ?? zerosLike(value));
}

/** Applies one node's rule and adds its contributions to the cotangents of the inputs. */
function pullBack(node: Node, active: ReadonlySet<Value>, cotangents: Map<Value, Value>): void {
  const incoming = node.outputs.map((output) => cotangents.get(output) ?? null);
  if (incoming.every((cotangent) => cotangent === null)) return;
  const rule = vjpRules[node.opType];
  if (!rule) throw new Error(`operator ${node.opType} has no gradient rule`);
  const needs = node.inputs.map((input) => input !== null && active.has(input));
  const contributions = rule(node, incoming, needs);
  node.inputs.forEach((input, k) => {
    const contribution = contributions[k];
    if (!input || !needs[k] || !contribution) return;
    assertShape(`cotangent ${k} of ${node.opType}`, contribution.shape, input.shape);
    const known = cotangents.get(input);
    cotangents.set(input, known ? add(known, contribution) : contribution);
  });
}

/** Values on some path from one of `wrt` to the loss. */
function valuesBetween(loss: Value, wrt: readonly Value[]): Set<Value> {
  const leads = new Map<Value, boolean>(wrt.map((value) => [value, true]));
  for (const value of ancestorsOldestFirst(loss)) {
    if (leads.has(value)) continue;
    leads.set(value, value.producer?.inputs.some((input) => input !== null && leads.get(input) === true) ?? false);
  }
  return new Set([...leads].filter(([, on]) => on).map(([value]) => value));
}

/** The loss and everything it depends on. Ids grow with dependence, so sorting by id is a topological order. */
function ancestorsOldestFirst(loss: Value): Value[] {
  const seen = new Set<Value>([loss]);
  const pending = [loss];
  for (let value = pending.pop(); value; value = pending.pop())
    for (const input of value.producer?.inputs ?? [])
      if (input && !seen.has(input)) {
        seen.add(input);
        pending.push(input);
      }
  return [...seen].sort((a, b) => a.id - b.id);
}

function nodesNewestFirst(values: ReadonlySet<Value>): Node[] {
  const newest = new Map<Node, number>();
  for (const { producer, id } of values) if (producer) newest.set(producer, Math.max(newest.get(producer) ?? 0, id));
  return [...newest].sort(([, a], [, b]) => b - a).map(([node]) => node);
}
