/** Variables to which the rendered configuration refers; the runtime itself knows none of them. */
export const ADDRESS_VARIABLE = 'MOLECULE_OPENCLAW_MODEL_URL';
export const MODEL_VARIABLE = 'MOLECULE_OPENCLAW_MODEL';
/** Key of the gateway: the box's own token. */
export const KEY_VARIABLE = 'MOLECULE_API_KEY';
/** A reference to a variable that is not set keeps the runtime from reading its configuration at all. */
export const UNSET = 'none';
