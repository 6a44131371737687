// PostgreSQL through psql: no package from anywhere.
const { execFile } = require('node:child_process')

// `url` is Prisma's: psql does not know ?schema=.
exports.connect = (url) => {
  const { hostname, port, username, password, pathname } = new URL(url)
  const env = { ...process.env, PGHOST: hostname, PGPORT: port, PGUSER: username, PGPASSWORD: decodeURIComponent(password) }
  const argv = ['-X', '-qAt', '-v', 'ON_ERROR_STOP=1', '-d', pathname.slice(1)]
  return (sql) => new Promise((done, failed) => {
    execFile('psql', [...argv, '-c', sql], { env }, (error, out, complaint) => error ? failed(new Error(complaint)) : done(out.trim()))
  })
}

exports.quoted = (value) => `'${String(value).replaceAll("'", "''")}'`
