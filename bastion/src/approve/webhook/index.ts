export { parseWebhookUrl } from './address.ts'
export { createWebhookSigner, type WebhookSigner } from './signature.ts'
export { createWebhook, type Webhook, type WebhookOptions } from './webhook.ts'
