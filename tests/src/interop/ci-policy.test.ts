import { strict as assert } from 'node:assert'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBed, type Bed } from '../support/bed.ts'

const EXAMPLE = join(import.meta.dirname, '..', '..', '..', 'docs', 'policy.ci.yaml')

describe('the policy for deployment jobs in docs, with stock clients over -J', () => {
  let bed: Bed
  let folder: string

  before(async () => {
    // The example's folder, where a test may write.
    folder = await mkdtemp(join(tmpdir(), 'sallyport-srv-'))
    const policy = (await readFile(EXAMPLE, 'utf8')).replaceAll('/srv/shop', `${folder}/shop`)
    bed = await openBed({ policy: policy.replaceAll('[/srv,', `[${folder},`) })
    await bed.sh(
      `mkdir -p ${folder}/shop/releases ${folder}/shop/git $D/build/lib
       git init -q --bare ${folder}/shop/git/shop.git
       echo app > $D/build/app.txt; head -c 2000000 /dev/urandom > $D/build/lib/code`,
    )
  })
  after(async () => {
    await bed?.close()
    await rm(folder, { recursive: true })
  })

  it('sftp: a batch goes on past what is refused', async () => {
    const shop = `${folder}/shop`
    const { stdout, stderr } = await bed.sh(
      `printf '%s\\n' '-mkdir ${shop}/releases/1' '-put build/app.txt ${shop}/releases/1/app.txt' \
         '-put build/app.txt ${shop}/current' '-get /etc/passwd stolen' '-symlink /etc ${shop}/releases/1/etc' \
         '-rename ${shop}/releases/1/app.txt ${shop}/releases/1/app' '-get ${shop}/releases/1/app back' > batch
       sftp -F $C -b batch web > sftp.out; cmp build/app.txt back && ls stolen ${shop}/current ${shop}/releases/1`,
    )
    assert.match(stderr, /ermission denied/)
    assert.match(stdout, /releases\/1:\napp\n$/)
    const marks = await bed.sh(`grep -h '"m"' ${bed.data}/recordings/*/*/*/*/*.cast`)
    assert.match(marks.stdout, /"deny {2}stat \/etc\/passwd"/)
  })

  it('scp: a recursive copy, in both of its modes', async () => {
    const shop = `${folder}/shop`
    const { stdout, stderr } = await bed.sh(
      `scp -q -F $C -r build web:${shop}/releases/2 && scp -q -O -F $C -r build web:${shop}/releases/3
       diff -r build ${shop}/releases/2 && diff -r build ${shop}/releases/3 && echo same
       scp -q -F $C -r build web:${shop}/elsewhere || echo refused; scp -q -O -F $C build/app.txt web:/tmp/x || echo refused`,
    )
    assert.equal(stdout, 'same\nrefused\nrefused\n', stderr)
  })

  it('rsync: up and down', async () => {
    const shop = `${folder}/shop`
    const { stdout, stderr } = await bed.sh(
      `rsync -rtp -e "ssh -F $C" build/ web:${shop}/releases/4/ && rsync -rtp -e "ssh -F $C" web:${shop}/releases/4/ down/
       diff -r build down && echo same; rsync -rtp -e "ssh -F $C" web:/etc/ssh/ stolen/ || echo refused`,
    )
    assert.equal(stdout, 'same\nrefused\n', stderr)
  })

  it('git: push and fetch', async () => {
    const shop = `${folder}/shop`
    const { stdout, stderr } = await bed.sh(
      `export GIT_SSH_COMMAND="ssh -F $C"; git init -q work && cd work && git config user.email a@b.example && git config user.name A
       echo 1 > file && git add file && git commit -q -m one && git push -q web:${shop}/git/shop.git HEAD:main
       cd .. && git clone -q -b main web:${shop}/git/shop.git cloned && cat cloned/file
       git clone -q web:/etc/other.git no || echo refused`,
    )
    assert.equal(stdout, '1\nrefused\n', stderr)
  })
})
