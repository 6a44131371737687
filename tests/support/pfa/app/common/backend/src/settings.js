// The settings that all releases share: NAME=VALUE lines of shared/.env.
const fs = require('node:fs')
const path = require('node:path')

const file = path.join(process.env.PFA_ROOT, 'shared', '.env')
for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
  const [name, ...value] = line.split('=')
  if (name) exports[name] = value.join('=').replace(/^"|"$/g, '')
}
