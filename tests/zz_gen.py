import random,sys,os
import test_random as t, test_options
seed,count,out=int(sys.argv[1]),int(sys.argv[2]),sys.argv[3]
sys.argv=sys.argv[:1]
os.makedirs(out,exist_ok=True)
rng=random.Random(seed); f=t.all_fragments()
for i in range(count): open(f'{out}/{i:05}.cfg','w').write(t.random_file(rng,f))
