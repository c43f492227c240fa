# Pauses of the strategies. Draw again: gnuplot strategies.gp, in this folder.
set terminal svg size 1016,1098 dynamic font 'sans-serif,11' background rgb 'white'
set border 3 lc rgb '#444444' lw 0.8
set tics nomirror out scale 0.6, 0.3 textcolor rgb '#222222'
set grid xtics ytics back lt 1 lc rgb '#E2E2E2' lw 0.7
set xlabel offset 0, 0.3
set ytics offset 0.5, 0
set style fill transparent solid 0.18 noborder
unset key
if (!exists('picture')) picture = 'strategies.svg'
set output picture
set multiplot
set label '{/:Bold Pauses of the strategies}' at screen 0.08661, screen 0.97996 left enhanced font 'sans-serif,15.0' textcolor rgb '#111111'
set label 'Wall time of each mutator''s pauses in the timed part, all trials, in ranges of a tenth' at screen 0.08661, screen 0.02641 left noenhanced font 'sans-serif,10.0' textcolor rgb '#666666'
set label 'of a decade. Heights are logarithmic, from 0.29 /s to 346 /s in every row.' at screen 0.08661, screen 0.01275 left noenhanced font 'sans-serif,10.0' textcolor rgb '#666666'
set arrow from screen 0.08661, screen 0.95301 to screen 0.11614, screen 0.95301 nohead lc rgb '#56B4E9' lw 6.0 dt 1
set label 'scavenge' at screen 0.12303, screen 0.95301 left noenhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set arrow from screen 0.21020, screen 0.95301 to screen 0.23972, screen 0.95301 nohead lc rgb '#009E73' lw 6.0 dt 1
set label 'cycle_begin' at screen 0.24661, screen 0.95301 left noenhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set arrow from screen 0.35392, screen 0.95301 to screen 0.38344, screen 0.95301 nohead lc rgb '#E69F00' lw 6.0 dt 1
set label 'mark_step' at screen 0.39033, screen 0.95301 left noenhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set arrow from screen 0.48421, screen 0.95301 to screen 0.51374, screen 0.95301 nohead lc rgb '#D55E00' lw 6.0 dt 1
set label 'remark' at screen 0.52063, screen 0.95301 left noenhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set arrow from screen 0.59437, screen 0.95301 to screen 0.62390, screen 0.95301 nohead lc rgb '#B8A900' lw 6.0 dt 1
set label 'sweep' at screen 0.63079, screen 0.95301 left noenhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set arrow from screen 0.69781, screen 0.95301 to screen 0.72734, screen 0.95301 nohead lc rgb '#0072B2' lw 6.0 dt 1
set label 'full' at screen 0.73423, screen 0.95301 left noenhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set arrow from screen 0.79455, screen 0.95301 to screen 0.82407, screen 0.95301 nohead lc rgb '#7A5195' lw 6.0 dt 1
set label 'lazy_sweep' at screen 0.83096, screen 0.95301 left noenhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set arrow from screen 0.08661, screen 0.93297 to screen 0.11614, screen 0.93297 nohead lc rgb '#882255' lw 6.0 dt 1
set label 'assist' at screen 0.12303, screen 0.93297 left noenhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set arrow from screen 0.19677, screen 0.93297 to screen 0.22630, screen 0.93297 nohead lc rgb '#999999' lw 6.0 dt 1
set label 'platform floor' at screen 0.23319, screen 0.93297 left noenhanced font 'sans-serif,11.0' textcolor rgb '#222222'

set lmargin at screen 0.08661
set rmargin at screen 0.97047
set tmargin at screen 0.88707
set bmargin at screen 0.08379
set label '{/:Bold heap\_graph, heap 340 MiB}' at screen 0.08661, screen 0.89800 left enhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set label '' at screen 0.01378, screen 0.48543 rotate by 90 center noenhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set xlabel 'pause length'
set lmargin at screen 0.18898
set rmargin at screen 0.74016
set label 'p99' at graph 1.13929, first 13.98000 right noenhanced font 'sans-serif,10' textcolor rgb '#666666'
set label 'largest' at graph 1.29643, first 13.98000 right noenhanced font 'sans-serif,10' textcolor rgb '#666666'
set label 'mmu 10ms' at graph 1.45357, first 13.98000 right noenhanced font 'sans-serif,10' textcolor rgb '#666666'
set label '-' at graph 1.13929, first 13.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '74.6 ms' at graph 1.29643, first 13.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '0' at graph 1.45357, first 13.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '-' at graph 1.13929, first 12.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '67.0 ms' at graph 1.29643, first 12.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '0' at graph 1.45357, first 12.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '-' at graph 1.13929, first 11.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '124 ms' at graph 1.29643, first 11.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '0' at graph 1.45357, first 11.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '-' at graph 1.13929, first 10.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '58.2 ms' at graph 1.29643, first 10.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '0' at graph 1.45357, first 10.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '1.87 ms' at graph 1.13929, first 9.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '8.45 ms' at graph 1.29643, first 9.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '0.050' at graph 1.45357, first 9.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '1.30 ms' at graph 1.13929, first 8.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '5.84 ms' at graph 1.29643, first 8.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '0.153' at graph 1.45357, first 8.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '-' at graph 1.13929, first 7.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '11.2 ms' at graph 1.29643, first 7.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '0' at graph 1.45357, first 7.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '-' at graph 1.13929, first 6.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '7.10 ms' at graph 1.29643, first 6.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '0.033' at graph 1.45357, first 6.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '2.30 ms' at graph 1.13929, first 5.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '5.41 ms' at graph 1.29643, first 5.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '0.239' at graph 1.45357, first 5.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '-' at graph 1.13929, first 4.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '7.08 ms' at graph 1.29643, first 4.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '0.170' at graph 1.45357, first 4.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '-' at graph 1.13929, first 3.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '6.10 ms' at graph 1.29643, first 3.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '0.156' at graph 1.45357, first 3.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '-' at graph 1.13929, first 2.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '82.4 ms' at graph 1.29643, first 2.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '0' at graph 1.45357, first 2.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '858 us' at graph 1.13929, first 1.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '22.0 ms' at graph 1.29643, first 1.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '0' at graph 1.45357, first 1.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '258 us' at graph 1.13929, first 0.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '6.53 ms' at graph 1.29643, first 0.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set label '0.342' at graph 1.45357, first 0.25000 right noenhanced font 'sans-serif,10' textcolor rgb '#222222'
set logscale x
set xrange [0.001:1000]
set yrange [-0.15:14]
set xtics ('1 us' 1e-3 0, '10 us' 1e-2 0, '100 us' 1e-1 0, '1 ms' 1e0 0, '10 ms' 1e1 0, '100 ms' 1e2 0, '1 s' 1e3 0)
set ytics ('' 0, '' 1, '' 2, '' 3, '' 4, '' 5, '' 6, '' 7, '' 8, '' 9, '' 10, '' 11, '' 12, '' 13)
set label 'stw' at graph -0.02, first 13.36 right noenhanced
set label 'card' at graph -0.02, first 13.1 right noenhanced font 'sans-serif,9' textcolor rgb '#777777'
set label 'stw_compact' at graph -0.02, first 12.36 right noenhanced
set label 'card' at graph -0.02, first 12.1 right noenhanced font 'sans-serif,9' textcolor rgb '#777777'
set label 'mark_compact' at graph -0.02, first 11.36 right noenhanced
set label 'card' at graph -0.02, first 11.1 right noenhanced font 'sans-serif,9' textcolor rgb '#777777'
set label 'stw_lazy' at graph -0.02, first 10.36 right noenhanced
set label 'card' at graph -0.02, first 10.1 right noenhanced font 'sans-serif,9' textcolor rgb '#777777'
set label 'incremental' at graph -0.02, first 9.36 right noenhanced
set label 'card_insertion' at graph -0.02, first 9.1 right noenhanced font 'sans-serif,9' textcolor rgb '#777777'
set label 'incremental_snapshot' at graph -0.02, first 8.36 right noenhanced
set label 'card_snapshot' at graph -0.02, first 8.1 right noenhanced font 'sans-serif,9' textcolor rgb '#777777'
set label 'concurrent' at graph -0.02, first 7.36 right noenhanced
set label 'card_snapshot' at graph -0.02, first 7.1 right noenhanced font 'sans-serif,9' textcolor rgb '#777777'
set label 'concurrent_insertion' at graph -0.02, first 6.36 right noenhanced
set label 'card_insertion' at graph -0.02, first 6.1 right noenhanced font 'sans-serif,9' textcolor rgb '#777777'
set label 'concurrent_lazy' at graph -0.02, first 5.36 right noenhanced
set label 'card_snapshot' at graph -0.02, first 5.1 right noenhanced font 'sans-serif,9' textcolor rgb '#777777'
set label 'concurrent_compact' at graph -0.02, first 4.36 right noenhanced
set label 'slots_snapshot' at graph -0.02, first 4.1 right noenhanced font 'sans-serif,9' textcolor rgb '#777777'
set label 'v8' at graph -0.02, first 3.36 right noenhanced
set label 'slots_insertion' at graph -0.02, first 3.1 right noenhanced font 'sans-serif,9' textcolor rgb '#777777'
set label 'mark_sweep' at graph -0.02, first 2.36 right noenhanced
set label 'none' at graph -0.02, first 2.1 right noenhanced font 'sans-serif,9' textcolor rgb '#777777'
set label 'concurrent_mark_sweep' at graph -0.02, first 1.36 right noenhanced
set label 'snapshot' at graph -0.02, first 1.1 right noenhanced font 'sans-serif,9' textcolor rgb '#777777'
set label 'platform floor' at graph -0.02, first 0.12 right noenhanced
plot 'strategies.dat' index 0 using 1:2 with filledcurves y=13 fc rgb '#56B4E9' fs solid 0.75 noborder, \
  'strategies.dat' index 1 using 1:2 with filledcurves y=13 fc rgb '#0072B2' fs solid 0.75 noborder, \
  'strategies.dat' index 2 using 1:2 with filledcurves y=12 fc rgb '#56B4E9' fs solid 0.75 noborder, \
  'strategies.dat' index 3 using 1:2 with filledcurves y=12 fc rgb '#0072B2' fs solid 0.75 noborder, \
  'strategies.dat' index 4 using 1:2 with filledcurves y=11 fc rgb '#56B4E9' fs solid 0.75 noborder, \
  'strategies.dat' index 5 using 1:2 with filledcurves y=11 fc rgb '#0072B2' fs solid 0.75 noborder, \
  'strategies.dat' index 6 using 1:2 with filledcurves y=10 fc rgb '#56B4E9' fs solid 0.75 noborder, \
  'strategies.dat' index 7 using 1:2 with filledcurves y=10 fc rgb '#0072B2' fs solid 0.75 noborder, \
  'strategies.dat' index 8 using 1:2 with filledcurves y=10 fc rgb '#7A5195' fs solid 0.75 noborder, \
  'strategies.dat' index 9 using 1:2 with filledcurves y=9 fc rgb '#56B4E9' fs solid 0.75 noborder, \
  'strategies.dat' index 10 using 1:2 with filledcurves y=9 fc rgb '#009E73' fs solid 0.75 noborder, \
  'strategies.dat' index 11 using 1:2 with filledcurves y=9 fc rgb '#E69F00' fs solid 0.75 noborder, \
  'strategies.dat' index 12 using 1:2 with filledcurves y=9 fc rgb '#D55E00' fs solid 0.75 noborder, \
  'strategies.dat' index 13 using 1:2 with filledcurves y=9 fc rgb '#7A5195' fs solid 0.75 noborder, \
  'strategies.dat' index 14 using 1:2 with filledcurves y=8 fc rgb '#56B4E9' fs solid 0.75 noborder, \
  'strategies.dat' index 15 using 1:2 with filledcurves y=8 fc rgb '#009E73' fs solid 0.75 noborder, \
  'strategies.dat' index 16 using 1:2 with filledcurves y=8 fc rgb '#E69F00' fs solid 0.75 noborder, \
  'strategies.dat' index 17 using 1:2 with filledcurves y=8 fc rgb '#D55E00' fs solid 0.75 noborder, \
  'strategies.dat' index 18 using 1:2 with filledcurves y=8 fc rgb '#7A5195' fs solid 0.75 noborder, \
  'strategies.dat' index 19 using 1:2 with filledcurves y=7 fc rgb '#56B4E9' fs solid 0.75 noborder, \
  'strategies.dat' index 20 using 1:2 with filledcurves y=7 fc rgb '#009E73' fs solid 0.75 noborder, \
  'strategies.dat' index 21 using 1:2 with filledcurves y=7 fc rgb '#D55E00' fs solid 0.75 noborder, \
  'strategies.dat' index 22 using 1:2 with filledcurves y=7 fc rgb '#7A5195' fs solid 0.75 noborder, \
  'strategies.dat' index 23 using 1:2 with filledcurves y=7 fc rgb '#882255' fs solid 0.75 noborder, \
  'strategies.dat' index 24 using 1:2 with filledcurves y=6 fc rgb '#56B4E9' fs solid 0.75 noborder, \
  'strategies.dat' index 25 using 1:2 with filledcurves y=6 fc rgb '#009E73' fs solid 0.75 noborder, \
  'strategies.dat' index 26 using 1:2 with filledcurves y=6 fc rgb '#D55E00' fs solid 0.75 noborder, \
  'strategies.dat' index 27 using 1:2 with filledcurves y=6 fc rgb '#7A5195' fs solid 0.75 noborder, \
  'strategies.dat' index 28 using 1:2 with filledcurves y=6 fc rgb '#882255' fs solid 0.75 noborder, \
  'strategies.dat' index 29 using 1:2 with filledcurves y=5 fc rgb '#56B4E9' fs solid 0.75 noborder, \
  'strategies.dat' index 30 using 1:2 with filledcurves y=5 fc rgb '#009E73' fs solid 0.75 noborder, \
  'strategies.dat' index 31 using 1:2 with filledcurves y=5 fc rgb '#D55E00' fs solid 0.75 noborder, \
  'strategies.dat' index 32 using 1:2 with filledcurves y=5 fc rgb '#7A5195' fs solid 0.75 noborder, \
  'strategies.dat' index 33 using 1:2 with filledcurves y=5 fc rgb '#882255' fs solid 0.75 noborder, \
  'strategies.dat' index 34 using 1:2 with filledcurves y=4 fc rgb '#56B4E9' fs solid 0.75 noborder, \
  'strategies.dat' index 35 using 1:2 with filledcurves y=4 fc rgb '#009E73' fs solid 0.75 noborder, \
  'strategies.dat' index 36 using 1:2 with filledcurves y=4 fc rgb '#D55E00' fs solid 0.75 noborder, \
  'strategies.dat' index 37 using 1:2 with filledcurves y=4 fc rgb '#7A5195' fs solid 0.75 noborder, \
  'strategies.dat' index 38 using 1:2 with filledcurves y=4 fc rgb '#882255' fs solid 0.75 noborder, \
  'strategies.dat' index 39 using 1:2 with filledcurves y=3 fc rgb '#56B4E9' fs solid 0.75 noborder, \
  'strategies.dat' index 40 using 1:2 with filledcurves y=3 fc rgb '#009E73' fs solid 0.75 noborder, \
  'strategies.dat' index 41 using 1:2 with filledcurves y=3 fc rgb '#D55E00' fs solid 0.75 noborder, \
  'strategies.dat' index 42 using 1:2 with filledcurves y=3 fc rgb '#7A5195' fs solid 0.75 noborder, \
  'strategies.dat' index 43 using 1:2 with filledcurves y=3 fc rgb '#882255' fs solid 0.75 noborder, \
  'strategies.dat' index 44 using 1:2 with filledcurves y=2 fc rgb '#B8A900' fs solid 0.75 noborder, \
  'strategies.dat' index 45 using 1:2 with filledcurves y=2 fc rgb '#0072B2' fs solid 0.75 noborder, \
  'strategies.dat' index 46 using 1:2 with filledcurves y=2 fc rgb '#7A5195' fs solid 0.75 noborder, \
  'strategies.dat' index 47 using 1:2 with filledcurves y=1 fc rgb '#009E73' fs solid 0.75 noborder, \
  'strategies.dat' index 48 using 1:2 with filledcurves y=1 fc rgb '#D55E00' fs solid 0.75 noborder, \
  'strategies.dat' index 49 using 1:2 with filledcurves y=1 fc rgb '#7A5195' fs solid 0.75 noborder, \
  'strategies.dat' index 50 using 1:2 with filledcurves y=1 fc rgb '#882255' fs solid 0.75 noborder, \
  'strategies.dat' index 51 using 1:2 with filledcurves y=0 fc rgb '#999999' fs solid 0.75 noborder
unset multiplot
unset output
