# Pauses by length. Draw again: gnuplot histogram.gp, in this folder.
set terminal svg size 1290,941 dynamic font 'sans-serif,11' background rgb 'white'
set border 3 lc rgb '#444444' lw 0.8
set tics nomirror out scale 0.6, 0.3 textcolor rgb '#222222'
set grid xtics ytics back lt 1 lc rgb '#E2E2E2' lw 0.7
set xlabel offset 0, 0.3
set ytics offset 0.5, 0
set style fill transparent solid 0.18 noborder
unset key
if (!exists('picture')) picture = 'histogram.svg'
set output picture
set multiplot
set label '{/:Bold Pauses by length}' at screen 0.06822, screen 0.97662 left enhanced font 'sans-serif,15.0' textcolor rgb '#111111'
set label 'Wall time of each mutator''s pauses in the timed part, all trials; ranges of a tenth of a decade.' at screen 0.06822, screen 0.01488 left noenhanced font 'sans-serif,10.0' textcolor rgb '#666666'
set arrow from screen 0.06822, screen 0.94516 to screen 0.09147, screen 0.94516 nohead lc rgb '#0072B2' lw 3.0 dt 1
set label 'stw' at screen 0.09690, screen 0.94516 left noenhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set arrow from screen 0.13291, screen 0.94516 to screen 0.15617, screen 0.94516 nohead lc rgb '#999999' lw 6.0 dt 1
set label 'platform floor' at screen 0.16160, screen 0.94516 left noenhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set logscale xy
set format y '%g'
set xrange [0.001:100]
set yrange [0.0416667:1000]
set xtics ('1 us' 1e-3 0, '10 us' 1e-2 0, '100 us' 1e-1 0, '1 ms' 1e0 0, '10 ms' 1e1 0, '100 ms' 1e2 0)

set lmargin at screen 0.06822
set rmargin at screen 0.31008
set tmargin at screen 0.89160
set bmargin at screen 0.67694
set label '{/:Bold gcbench, heap 51 MiB (3x)}' at screen 0.06822, screen 0.90436 left enhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set label 'pauses per second' at screen 0.01085, screen 0.78427 rotate by 90 center noenhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set xlabel ''
plot 'histogram.dat' index 7 using 1:2 with fillsteps fc rgb '#999999' fs transparent solid 0.35 noborder, \
  'histogram.dat' index 7 using 1:2 with steps lc rgb '#999999' lw 0.6 dt 1, \
  'histogram.dat' index 0 using 1:2 with fillsteps fc rgb '#0072B2' fs transparent solid 0.15 noborder, \
  'histogram.dat' index 0 using 1:2 with steps lc rgb '#0072B2' lw 1.6 dt 1
unset arrow
unset label

set lmargin at screen 0.40155
set rmargin at screen 0.64341
set tmargin at screen 0.89160
set bmargin at screen 0.67694
set label '{/:Bold binary\_trees, heap 75 MiB (3x)}' at screen 0.40155, screen 0.90436 left enhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set xlabel ''
plot 'histogram.dat' index 7 using 1:2 with fillsteps fc rgb '#999999' fs transparent solid 0.35 noborder, \
  'histogram.dat' index 7 using 1:2 with steps lc rgb '#999999' lw 0.6 dt 1, \
  'histogram.dat' index 1 using 1:2 with fillsteps fc rgb '#0072B2' fs transparent solid 0.15 noborder, \
  'histogram.dat' index 1 using 1:2 with steps lc rgb '#0072B2' lw 1.6 dt 1
unset label

set lmargin at screen 0.73488
set rmargin at screen 0.97674
set tmargin at screen 0.89160
set bmargin at screen 0.67694
set label '{/:Bold message\_window, heap 627 MiB (3x)}' at screen 0.73488, screen 0.90436 left enhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set xlabel ''
plot 'histogram.dat' index 7 using 1:2 with fillsteps fc rgb '#999999' fs transparent solid 0.35 noborder, \
  'histogram.dat' index 7 using 1:2 with steps lc rgb '#999999' lw 0.6 dt 1, \
  'histogram.dat' index 2 using 1:2 with fillsteps fc rgb '#0072B2' fs transparent solid 0.15 noborder, \
  'histogram.dat' index 2 using 1:2 with steps lc rgb '#0072B2' lw 1.6 dt 1
unset label

set lmargin at screen 0.06822
set rmargin at screen 0.31008
set tmargin at screen 0.59405
set bmargin at screen 0.37938
set label '{/:Bold message\_tree, heap 600 MiB (3x)}' at screen 0.06822, screen 0.60680 left enhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set label 'pauses per second' at screen 0.01085, screen 0.48672 rotate by 90 center noenhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set xlabel ''
plot 'histogram.dat' index 7 using 1:2 with fillsteps fc rgb '#999999' fs transparent solid 0.35 noborder, \
  'histogram.dat' index 7 using 1:2 with steps lc rgb '#999999' lw 0.6 dt 1, \
  'histogram.dat' index 3 using 1:2 with fillsteps fc rgb '#0072B2' fs transparent solid 0.15 noborder, \
  'histogram.dat' index 3 using 1:2 with steps lc rgb '#0072B2' lw 1.6 dt 1
unset label

set lmargin at screen 0.40155
set rmargin at screen 0.64341
set tmargin at screen 0.59405
set bmargin at screen 0.37938
set label '{/:Bold lru\_cache, heap 264 MiB (3x)}' at screen 0.40155, screen 0.60680 left enhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set xlabel 'pause length'
plot 'histogram.dat' index 7 using 1:2 with fillsteps fc rgb '#999999' fs transparent solid 0.35 noborder, \
  'histogram.dat' index 7 using 1:2 with steps lc rgb '#999999' lw 0.6 dt 1, \
  'histogram.dat' index 4 using 1:2 with fillsteps fc rgb '#0072B2' fs transparent solid 0.15 noborder, \
  'histogram.dat' index 4 using 1:2 with steps lc rgb '#0072B2' lw 1.6 dt 1
unset label

set lmargin at screen 0.73488
set rmargin at screen 0.97674
set tmargin at screen 0.59405
set bmargin at screen 0.37938
set label '{/:Bold graph\_mutate, heap 1.12 GiB (3x)}' at screen 0.73488, screen 0.60680 left enhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set xlabel 'pause length'
plot 'histogram.dat' index 7 using 1:2 with fillsteps fc rgb '#999999' fs transparent solid 0.35 noborder, \
  'histogram.dat' index 7 using 1:2 with steps lc rgb '#999999' lw 0.6 dt 1, \
  'histogram.dat' index 5 using 1:2 with fillsteps fc rgb '#0072B2' fs transparent solid 0.15 noborder, \
  'histogram.dat' index 5 using 1:2 with steps lc rgb '#0072B2' lw 1.6 dt 1
unset label

set lmargin at screen 0.06822
set rmargin at screen 0.31008
set tmargin at screen 0.29649
set bmargin at screen 0.08183
set label '{/:Bold heap\_graph, heap 25.5 MiB (3x)}' at screen 0.06822, screen 0.30925 left enhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set label 'pauses per second' at screen 0.01085, screen 0.18916 rotate by 90 center noenhanced font 'sans-serif,11.0' textcolor rgb '#222222'
set xlabel 'pause length'
plot 'histogram.dat' index 7 using 1:2 with fillsteps fc rgb '#999999' fs transparent solid 0.35 noborder, \
  'histogram.dat' index 7 using 1:2 with steps lc rgb '#999999' lw 0.6 dt 1, \
  'histogram.dat' index 6 using 1:2 with fillsteps fc rgb '#0072B2' fs transparent solid 0.15 noborder, \
  'histogram.dat' index 6 using 1:2 with steps lc rgb '#0072B2' lw 1.6 dt 1
unset multiplot
unset output
