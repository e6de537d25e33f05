import { beforeEach, describe, expect, it } from 'vitest';
import { daemonSettings } from '../config/settings.js';
import type { Identity, RequestOrigin } from './identity.js';
import { systemRandom } from './secrets.js';
import { ManualClock } from './testing/manual-clock.js';
import { TicketBox } from './tickets.js';

const none: RequestOrigin = { kind: 'none' };
const opaque: RequestOrigin = { kind: 'other', text: 'null' };
const plugin: Identity = { kind: 'client', id: 'a', scopes: ['edit'], origin: undefined };
const other: Identity = { ...plugin, id: 'b' };

let clock: ManualClock;
let box: TicketBox;
const issue = (identity: Identity = plugin): string => box.issue(identity, opaque)?.ticket ?? '';
beforeEach(() => {
  clock = new ManualClock();
  box = new TicketBox(clock, systemRandom);
});

describe('a ticket', () => {
  it('is good once, for whom it was given to', () => {
    const ticket = issue();
    expect(box.redeem(ticket, opaque)).toBe(plugin);
    expect(box.redeem(ticket, opaque)).toBeUndefined();
  });

  it('is good for less than 30 seconds', () => {
    const [early, late] = [issue(), issue()];
    clock.advance(29_999);
    expect(box.redeem(early, opaque)).toBe(plugin);
    clock.advance(1);
    expect(box.redeem(late, opaque)).toBeUndefined();
  });

  it('is good from its own origin only, and gone after a try from another', () => {
    for (const elsewhere of [{ kind: 'other', text: 'https://a.example' }, { kind: 'own' }] as const) {
      const ticket = issue();
      expect(box.redeem(ticket, elsewhere)).toBeUndefined();
      expect(box.redeem(ticket, opaque)).toBeUndefined();
    }
    const page: RequestOrigin = { kind: 'other', text: 'https://a.example' };
    const ticket = box.issue(plugin, page)?.ticket ?? '';
    expect(box.redeem(ticket, opaque)).toBeUndefined();
    expect(box.redeem(ticket, page)).toBeUndefined();
  });

  it('takes no origin for an opaque one: hosts of plugins may send either', () => {
    expect(box.redeem(issue(), none)).toBe(plugin);
    expect(box.redeem(box.issue(plugin, none)?.ticket ?? '', opaque)).toBe(plugin);
  });

  it('is one of a few per holder, until they expire', () => {
    for (let i = 0; i < daemonSettings.ticketsPerClient; i++) issue();
    expect(box.issue(plugin, opaque)).toBeUndefined();
    expect(box.issue(other, opaque)).toBeDefined();
    clock.advance(daemonSettings.ticketMs);
    expect(box.issue(plugin, opaque)).toBeDefined();
  });

  it('ends with its client', () => {
    const [mine, theirs] = [issue(), issue(other)];
    box.dropClient('a');
    expect(box.redeem(mine, opaque)).toBeUndefined();
    expect(box.redeem(theirs, opaque)).toBe(other);
  });
});
