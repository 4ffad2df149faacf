import { strict as assert } from 'node:assert'
import { openBed, type Bed } from '../support/bed.ts'
import { python } from '../support/python.ts'

describe('relay: other clients, with a certificate', () => {
  let bed: Bed

  before(async () => {
    bed = await openBed()
    await bed.sh(`
      ssh-keygen -q -t ecdsa -N '' -f ${bed.folder}/ecdsa
      ssh-keygen -q -t rsa -b 3072 -N '' -f ${bed.folder}/rsa`)
    await bed.certify('ecdsa')
    await bed.certify('rsa')
  })
  after(async () => {
    await bed?.close()
  })

  // One of them sends more than its window.
  for (const [key, size] of [
    ['id', 5_000_000],
    ['ecdsa', 300_000],
    ['rsa', 300_000],
  ] as const) {
    it(`OpenSSH with the key ${key}`, async () => {
      const file = `${bed.folder}/${key}`
      const { stdout, stderr } = await bed.sh(
        `sed 's#${bed.folder}/id#${file}#' $C > $C.${key}; ssh -F $C.${key} web echo ok < /dev/null`,
      )
      assert.equal(stdout, 'ok\n', stderr)
    })
    it(`paramiko with the key ${key}`, async () => {
      const { stdout, stderr } = await python('paramiko_client.py', [
        String(bed.sshPort),
        `${bed.folder}/${key}`,
        bed.sshd.login,
        bed.folder,
        String(size),
      ])
      assert.equal(
        stdout,
        `-J echo True status 3 sftp ${size}\ndirect echo True status 3 sftp ${size}\n`,
        stderr,
      )
    })
  }

  it('asyncssh', async () => {
    const { stdout, stderr } = await python('asyncssh_client.py', [
      String(bed.sshPort),
      `${bed.folder}/id`,
      bed.sshd.login,
      bed.folder,
    ])
    assert.equal(stdout, 'echo 5000000 stderr err status 4 sftp 5000000\n', stderr)
  })

  it('plink, direct and through a jump of its own', async () => {
    const { stdout, stderr } = await bed.sh(
      `cd ${bed.folder}
       puttygen id -O private -o bare.ppk && puttygen bare.ppk --certificate id-cert.pub -O private -o id.ppk
       plink="plink -batch -noagent -i id.ppk -hostkey '*'"
       fp=$(ssh-keyscan -p ${bed.sshPort} -t ed25519 127.0.0.1 2> /dev/null | ssh-keygen -lf - | cut -d' ' -f2)
       plink -batch -noagent -i id.ppk -hostkey $fp -P ${bed.sshPort} -l ${bed.sshd.login}%web 127.0.0.1 'echo plink' < /dev/null
       plink -batch -noagent -i id.ppk -hostkey $fp -l ${bed.sshd.login} \
         -proxycmd "plink -batch -noagent -i id.ppk -hostkey $fp -P ${bed.sshPort} -l ${bed.sshd.login} 127.0.0.1 -nc web:22" \
         web 'echo plink -J' < /dev/null`,
    )
    assert.equal(stdout, 'plink\nplink -J\n', stderr)
  })

  it('plink, whose window is far larger than ours, gets more than a window', async () => {
    const { stdout, stderr } = await bed.sh(
      `cd ${bed.folder}
       fp=$(ssh-keyscan -p ${bed.sshPort} -t ed25519 127.0.0.1 2> /dev/null | ssh-keygen -lf - | cut -d' ' -f2)
       plink -batch -noagent -i id.ppk -hostkey $fp -P ${bed.sshPort} -l ${bed.sshd.login}%web 127.0.0.1 \
         'head -c 9000000 /dev/zero' < /dev/null | wc -c`,
    )
    assert.equal(stdout, '9000000\n', stderr)
  })
})
