"""Where candidates run: three generations of processes, each forked from the one before.

    base ── nest ── slot ── child (one candidate)

The *base* is a fresh process of one thread, without the user's environment, in namespaces of its
own; it has loaded what a candidate may use, and the problem. A *nest* has also loaded one tuple of
instances and run the seed on them. Both run this project's and the problem's code only. A *slot*
belongs to one worker; it gives up its user, files and most system calls, and forks one *child*
for each candidate. What a generation has loaded, compiled or computed, the next ones share.

There are light bases and those that have loaded numba, and of each kind one for every seed of
hashes that is asked for.
"""
