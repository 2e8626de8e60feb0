# SPDX-License-Identifier: GPL-2.0-or-later
# Cost against number of devices; data and image are given on gnuplot's command line.
set terminal svg size 640,400 dynamic background "white"
set output image
set logscale xy
set xlabel "devices given to vfio-pci"
set ylabel "milliseconds of the guest's clock"
set key left top
set xtics (2, 16, 64)
set xrange [1.8:72]
set style data linespoints
set datafile missing "?"
plot for [way = 2:6] data using 1:way title columnheader(way) linewidth 2 pointtype way
