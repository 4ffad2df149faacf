// What was compiled once is not compiled at every start: that is half of the time of a short command. The cache lies in
// the package, so that nobody can write to it who could not write to the program. Loaded first, and by each thread.
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/sallyport', import.meta.url)))
