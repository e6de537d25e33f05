/** The form of a reverse-mode rule: how cotangents of results become cotangents of inputs. */
import type { Node, Value } from '../ir/graph.js';

/**
 * Given a node and one cotangent per result (null = zero), returns one cotangent per input (null = zero or not needed).
 * `needs[k]` says whether input k leads to something that is being differentiated: rules skip the others.
 * Rules build with the public operators only, so that their results can be differentiated again.
 */
export type VjpRule = (
  node: Node,
  cotangents: readonly (Value | null)[],
  needs: readonly boolean[],
) => readonly (Value | null)[];

export type RuleTable = Readonly<Record<string, VjpRule>>;

/** A rule for nodes with one result: receives its cotangent and the node's inputs and result. */
export function singleResult(
  rule: (
    cotangent: Value,
    inputs: readonly Value[],
    result: Value,
    needs: readonly boolean[],
    node: Node,
  ) => readonly (Value | null)[],
): VjpRule {
  return (node, cotangents, needs) => {
    const [cotangent, result] = [cotangents[0], node.outputs[0]];
    if (!cotangent || !result) return node.inputs.map(() => null);
    return rule(cotangent, node.inputs as readonly Value[], result, needs, node);
  };
}
