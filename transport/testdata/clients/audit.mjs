// node audit.mjs <url>: runs the server audit of graphql-http. It prints every audit that is not passed, and fails if
// one of those is a MUST or a SHOULD.
import { auditServer } from 'graphql-http';
import { headers, url } from './target.mjs';

const results = await auditServer({
  url,
  fetchFn: (target, init = {}) => fetch(target, { ...init, headers: { ...headers, ...init.headers } }),
});
const failed = results.filter((result) => result.status !== 'ok');
for (const { id, name, status, reason } of failed) {
  console.log(`${status} ${id} ${name}: ${reason}`);
}
console.log(`${results.length - failed.length} of ${results.length} audits passed`);
if (results.length === 0 || failed.some((result) => result.status !== 'notice')) process.exit(1);
