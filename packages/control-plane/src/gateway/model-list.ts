import type { ProtocolId } from '@molecule/models';
import type { CallPlan } from '../models/call-plan.ts';

const MADE = '2025-01-01T00:00:00Z';

/** The models that a workspace may ask for, in the protocol's own shape: its own first. */
export function modelListBody(protocol: ProtocolId, plan: CallPlan): string {
  const others = plan.allowsOtherModels ? plan.vendor.models.map((model) => model.id) : [];
  const ids = [...new Set([plan.modelId, ...others])];
  switch (protocol) {
    case 'anthropic':
      return JSON.stringify({
        data: ids.map((id) => ({ type: 'model', id, display_name: id, created_at: MADE })),
        has_more: false,
        first_id: ids[0],
        last_id: ids.at(-1),
      });
    case 'openai-chat':
    case 'openai-responses':
      return JSON.stringify({
        object: 'list',
        data: ids.map((id) => ({ id, object: 'model', created: Date.parse(MADE) / 1000, owned_by: plan.vendor.id })),
      });
    case 'google':
      return JSON.stringify({
        models: ids.map((id) => ({
          name: `models/${id}`,
          displayName: id,
          supportedGenerationMethods: ['generateContent', 'countTokens'],
        })),
      });
  }
}
