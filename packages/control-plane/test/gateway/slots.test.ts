import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slots } from '../../src/gateway/slots.ts';

test('holds what was added and not taken out, whatever the order, and takes nothing out twice', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 30 }), { maxLength: 200 }), (steps) => {
      const slots = new Slots<{ readonly at: number }>();
      const expected = new Map<{ readonly at: number }, () => boolean>();
      for (const [at, step] of steps.entries()) {
        const held = [...expected][step];
        if (held === undefined) {
          const item = { at };
          expected.set(item, slots.add(item));
        } else {
          expect(held[1]()).toBe(true);
          expect(held[1]()).toBe(false);
          expected.delete(held[0]);
        }
        expect(slots.size).toBe(expected.size);
        expect(new Set(slots)).toEqual(new Set(expected.keys()));
      }
    }),
  );
});
