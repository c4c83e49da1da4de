import type { Rum, Told } from './rum.js';

/** Call back with each event as it is told. */
export const onTold = (rum: Rum, fn: (told: Told) => void): void =>
  addEventListener('rumstream:event', rum.safe((event: Event) => fn((event as CustomEvent<Told>).detail)));

/** Whether one more may be told in the shown page view; at most `most`, each one beyond is counted as lost. */
export function budgetOf(rum: Rum, most: number, reason: string): () => boolean {
  let told = 0;
  onTold(rum, ({ k }) => {
    if (k === 'view') told = 0;
  });
  return () => {
    told += 1;
    if (told > most) rum.drop(reason);
    return told <= most;
  };
}
