// SPDX-License-Identifier: Apache-2.0
// Webhooks as LINE signs and sends them.
import { createHmac, randomBytes } from 'node:crypto';

export const secret = '7f3a9c1e5b2d4f608a7c9e1b3d5f7081';
export const destination = 'U0123456789abcdef0123456789abcdef';

export const sign = (body, key = secret) => createHmac('sha256', key).update(body).digest('base64');
export const userId = () => 'U' + randomBytes(16).toString('hex');
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const ulid = () => '01K' + [...randomBytes(23)].map((byte) => letters[byte & 31]).join('');

export const messageEvent = (text, { user, event, token, at = Date.now(), redelivery = false, id = String(BigInt('0x' + randomBytes(7).toString('hex'))), message = null, source = null }) => ({
  type: 'message', mode: 'active', timestamp: at, source: source ?? { type: 'user', userId: user }, webhookEventId: event,
  deliveryContext: { isRedelivery: redelivery }, replyToken: token, message: message ?? { id, type: 'text', quoteToken: 'q', text },
});
