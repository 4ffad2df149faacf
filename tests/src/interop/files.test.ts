import { strict as assert } from 'node:assert'
import { openBed, type Bed } from '../support/bed.ts'

describe('relay: files over -J with stock clients', () => {
  let bed: Bed

  before(async () => {
    bed = await openBed()
    await bed.sh(
      `head -c 100000000 /dev/urandom > big; head -c 20000000 big > small
       mkdir tree && head -c 600000 big | split -a 3 -b 3000 - 'tree/file '`,
    )
  })
  after(async () => {
    await bed?.close()
  })

  const same = async (script: string): Promise<void> => {
    const { stdout, stderr } = await bed.sh(`${script} && echo same`, { timeout: 150_000 })
    assert.equal(stdout, 'same\n', stderr)
  }

  it('sftp: 100 MB there and back in a batch', async () => {
    await same(
      `printf 'put big %s/sftp.there\nget %s/sftp.there sftp.back\n' $D $D | sftp -q -F $C -b - web > /dev/null
       cmp big sftp.back`,
    )
  })

  it('scp over sftp', async () => {
    await same(
      `scp -q -F $C small web:$D/scp.there && scp -q -F $C web:$D/scp.there scp.back && cmp small scp.back`,
    )
  })

  it('scp in its old protocol', async () => {
    await same(
      `scp -O -q -F $C small web:$D/old.there && scp -O -q -F $C web:$D/old.there old.back && cmp small old.back`,
    )
  })

  it('rsync of a tree there and back', async () => {
    await same(
      `rsync -a -e "ssh -F $C" tree/ web:$D/rsync.there/ && rsync -a -e "ssh -F $C" web:$D/rsync.there/ rsync.back/
       diff -r tree rsync.back`,
    )
  })

  it('git push and clone', async () => {
    await same(
      `export GIT_SSH_COMMAND="ssh -F $C" GIT_CONFIG_GLOBAL=/dev/null
       git init -q --bare -b main repo.git && git init -q -b main work && cp -r tree work/ && cd work
       git add -A && git -c user.email=a@example -c user.name=a commit -qm files
       git push -q web:$D/repo.git HEAD:main && git clone -q web:$D/repo.git ../clone && cd ..
       diff -r tree clone/tree`,
    )
  })
})
