import { useSyncExternalStore } from 'react';
import { createStore } from '../live/store.ts';
import { CARD } from './org-layout.ts';

/** How much of a card is drawn: all of it, its name, or only its place and colour. A thousand full cards are too much to paint for each frame. */
export type CardDetail = 'full' | 'name' | 'speck';

/** Below this only names can be read, and below the other not even they. */
export const FAR_ZOOM = 0.6;
const SPECK_ZOOM = 0.18;
/** What lies beyond the room by this share of it is drawn too, so that most moves draw nothing anew. */
const BEYOND = 0.25;

/** What is drawn of the org: how closely, and which part, in the measure of the cards. */
export interface MapView {
  readonly detail: CardDetail;
  readonly zoom: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const NOTHING: MapView = { detail: 'speck', zoom: 0, left: 0, right: 0, top: 0, bottom: 0 };
export const mapView = createStore<MapView>(NOTHING);

/**
 * What shall be drawn when the view is somewhere. While somebody zooms, the drawing is kept as it is, as a picture that grows or shrinks; it is made anew when they rest.
 * While they pan, it is made anew when they leave what is drawn.
 * @param before what is drawn; given back when it will do
 */
export function mapViewAt(
  viewport: { readonly x: number; readonly y: number; readonly zoom: number },
  room: { readonly width: number; readonly height: number },
  moving: boolean,
  before: MapView,
): MapView {
  const { zoom } = viewport;
  if (before !== NOTHING && moving && zoom !== before.zoom) return before;
  const detail = zoom >= FAR_ZOOM ? 'full' : zoom >= SPECK_ZOOM ? 'name' : 'speck';
  const [left, top] = [-viewport.x / zoom, -viewport.y / zoom];
  const [width, height] = [room.width / zoom, room.height / zoom];
  const drawn =
    detail === before.detail &&
    (detail === 'speck' ||
      (left >= before.left && left + width <= before.right && top >= before.top && top + height <= before.bottom));
  if (drawn) return zoom === before.zoom ? before : { ...before, zoom };
  return {
    detail,
    zoom,
    left: left - BEYOND * width,
    right: left + (1 + BEYOND) * width,
    top: top - BEYOND * height,
    bottom: top + (1 + BEYOND) * height,
  };
}

/** Detail of a card that lies at a place. */
export function cardDetail(view: MapView, x: number, y: number): CardDetail {
  const near = x + CARD.width > view.left && x < view.right && y + CARD.height > view.top && y < view.bottom;
  return near ? view.detail : 'speck';
}

/** Draws the card anew only when its own detail changes, however the map moves. */
export function useCardDetail(x: number, y: number): CardDetail {
  return useSyncExternalStore(mapView.subscribe, () => cardDetail(mapView.get(), x, y));
}
