import type { ProtocolId } from '../protocols/model-request.ts';

const MODEL_ID = 'scripted';

/** The model list of a scripted server in the shape of the asking protocol. */
export function encodeModelList(protocol: ProtocolId): string {
  if (protocol === 'anthropic') {
    return JSON.stringify({
      data: [{ type: 'model', id: MODEL_ID, display_name: 'Scripted demo model', created_at: '2026-01-01T00:00:00Z' }],
      has_more: false,
      first_id: MODEL_ID,
      last_id: MODEL_ID,
    });
  }
  if (protocol === 'google') {
    return JSON.stringify({
      models: [
        {
          name: `models/${MODEL_ID}`,
          displayName: 'Scripted demo model',
          supportedGenerationMethods: ['generateContent', 'countTokens'],
        },
      ],
    });
  }
  return JSON.stringify({
    object: 'list',
    data: [{ id: MODEL_ID, object: 'model', created: 0, owned_by: 'molecule' }],
  });
}
