// Sends one write to PEMS and returns when PEMS has acknowledged it.
exports.send = async (address, write) => {
  const answer = await fetch(address, { method: 'POST', body: JSON.stringify(write) })
  if (!answer.ok) throw new Error(`PEMS answered ${answer.status}`)
}
