// SPDX-License-Identifier: Apache-2.0
// Calls of the running daemon's API, each judged by the OpenAPI document that the daemon itself serves: a path, an answer or a member it does not know fails.
import assert from 'node:assert/strict';
import Ajv2020 from 'ajv/dist/2020.js';

export class Contract {
  static async of(url) {
    const self = new Contract();
    self.url = url;
    self.document = await (await fetch(`${url}/api/openapi.json`)).json();
    self.ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    self.ajv.addSchema(self.document, 'api');
    self.called = new Set();
    return self;
  }

  operation(method, path) {
    const bare = path.split('?')[0];
    const known = Object.keys(this.document.paths);
    const name = known.includes(bare) ? bare : known.find((one) => new RegExp(`^${one.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(bare));
    assert.ok(name && this.document.paths[name][method.toLowerCase()], `${method} ${path} is not in openapi.json`);
    this.called.add(`${method} ${name}`);
    return this.document.paths[name][method.toLowerCase()];
  }

  judge(method, path, response, body) {
    const answers = this.operation(method, path).responses;
    let answer = answers[response.status];
    assert.ok(answer, `${method} ${path} may not answer ${response.status}: ${JSON.stringify(body)}`);
    if (answer.$ref) answer = this.document.components.responses.Problem;
    const type = response.headers.get('content-type')?.split(';')[0];
    const schema = answer.content?.[type]?.schema;
    if (!schema) return;
    const escape = (part) => part.replaceAll('~', '~0').replaceAll('/', '~1');
    const pointer = schema.$ref ?? `#/paths/${escape(path.split('?')[0])}/${method.toLowerCase()}/responses/${response.status}/content/${escape(type)}/schema`;
    const resolved = schema.$ref ? { $ref: `api${schema.$ref}` } : rebase(schema);
    const validate = this.ajv.compile(resolved);
    assert.ok(validate(body), `${method} ${path} ${response.status} ${pointer}: ${JSON.stringify(validate.errors)}\n${JSON.stringify(body).slice(0, 2000)}`);
  }
}

/** The same schema with its references into the document. */
function rebase(schema) {
  return JSON.parse(JSON.stringify(schema), (key, value) => (key === '$ref' && typeof value === 'string' && value.startsWith('#') ? `api${value}` : value));
}

/** Somebody with a cookie, as a browser keeps it. */
export class Visitor {
  constructor(contract) {
    this.contract = contract;
    this.cookie = '';
    this.csrf = '';
  }

  async call(method, path, body, { csrf = this.csrf, headers = {} } = {}) {
    const response = await fetch(`${this.contract.url}/api/v1${path}`, {
      method,
      headers: { ...(this.cookie && { cookie: this.cookie }), ...(csrf && { 'x-csrf-token': csrf }), ...headers },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const result = { status: response.status, headers: response.headers, body: isJson ? JSON.parse(bytes.toString()) : bytes };
    this.contract.judge(method, path, response, result.body);
    const cookie = response.headers.get('set-cookie');
    if (cookie) this.cookie = cookie.split(';')[0];
    if (result.body?.csrf) this.csrf = result.body.csrf;
    return result;
  }
  get(path) {
    return this.call('GET', path);
  }
  post(path, body = {}) {
    return this.call('POST', path, body);
  }
}

/** The first admin, through the link that the daemon printed. */
export async function firstAdmin(daemon, contract, password = 'correct horse battery') {
  const [, token] = await daemon.process.line(/console\/#setup=(\S+)/);
  const admin = new Visitor(contract);
  const signed = await admin.post('/session/setup', { token, name: 'ada', password });
  assert.equal(signed.status, 200, JSON.stringify(signed.body));
  return admin;
}

/** Somebody of that role, invited by the admin. */
export async function invited(admin, name, role, password = `password of ${name}`) {
  const { body } = await admin.post('/people', { name, role });
  const somebody = new Visitor(admin.contract);
  const signed = await somebody.post('/session/setup', { token: body.link.split('#setup=')[1], password });
  assert.equal(signed.status, 200, JSON.stringify(signed.body));
  return somebody;
}
