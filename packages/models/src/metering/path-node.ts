/** Shared nodes stay few even when a model invents keys; beyond this, nodes are made for one use. */
const MAX_SHARED_NODES = 4096;
const MAX_SHARED_KEY_LENGTH = 64;

let sharedNodes = 0;

/**
 * A place in JSON documents, `choices.delta.content`; array positions are left out. The same place is the same node in all answers, so
 * that a path is joined and hashed once and not for every event.
 */
export class PathNode {
  readonly path: string;
  readonly #children = new Map<string, PathNode>();

  constructor(path: string) {
    this.path = path;
  }

  child(key: string): PathNode {
    const known = this.#children.get(key);
    if (known !== undefined) return known;
    const made = new PathNode(this.path === '' ? key : `${this.path}.${key}`);
    if (sharedNodes < MAX_SHARED_NODES && key.length <= MAX_SHARED_KEY_LENGTH) {
      sharedNodes += 1;
      this.#children.set(key, made);
    }
    return made;
  }
}

export const ROOT_PATH = new PathNode('');
