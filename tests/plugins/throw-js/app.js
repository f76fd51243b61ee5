// A validator that throws in the middle of its work.

import { log } from 'lockflight:stage/job@0.1.0';

/** The exported interface `validator`. */
export const validator = {
  check() {
    return [];
  },

  run() {
    log('info', 'about to look up a price');
    return price({ apple: { cents: 3 } }, 'pear');
  },
};

/** What a fruit costs. */
function price(prices, fruit) {
  return prices[fruit].cents;
}
