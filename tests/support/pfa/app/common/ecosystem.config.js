const path = require('node:path')

// Releases lie in <root>/releases; <root>/current is a link to the one that runs. Processes go through the link.
const root = path.resolve(process.env.PFA_ROOT || path.join(__dirname, '..', '..'))
const current = path.join(root, 'current')

const process_ = (name, script) => ({
  name,
  cwd: current,
  script: path.join(current, 'backend', 'dist', script),
  env: { PFA_ROOT: root, NODE_ENV: 'development' },
  env_production: { PFA_ROOT: root, NODE_ENV: 'production' }
})

module.exports = { apps: [process_('pfa-vanguard-backend', 'server.js')] }
