/** Variables to which the rendered configuration refers; the runtime itself knows none of them. */
export const ADDRESS_VARIABLE = 'MOLECULE_HERMES_MODEL_URL';
export const MODEL_VARIABLE = 'MOLECULE_HERMES_MODEL';
/** Key of the gateway: the box's own token. */
export const KEY_VARIABLE = 'MOLECULE_API_KEY';
