import { createStore } from '../live/store.ts';

/** How much of a card can be seen at the present zoom: all of it, its name, or only its colour. A thousand full cards are too much to paint for each frame. */
export type MapDetail = 'full' | 'name' | 'speck';

/** Below this only names can be read, and below the other not even they. */
export const FAR_ZOOM = 0.45;
const SPECK_ZOOM = 0.13;

export const mapDetail = createStore<MapDetail>('full');

export function detailAt(zoom: number): MapDetail {
  return zoom >= FAR_ZOOM ? 'full' : zoom >= SPECK_ZOOM ? 'name' : 'speck';
}
