/* synthetic: presets that imitate programs of the DaCapo benchmark suite (Blackburn et al. 2025), by the
 * nominal statistics which it publishes of each (stats-nominal.yml of the Chopin releases, measured
 * with OpenJDK and its collector G1).
 *
 * What is taken as it stands: the average object (AOA) is object_bytes. What is derived: allocations per
 * microsecond are the allocation rate by the average object (ARA / AOA); stores per operation are
 * reference-array stores (BAS) by those, half of them of young objects and half of old ones; the live
 * set is the minimum heap by the average object (GMD / AOA); and as none of the programs leaks
 * (GLK 0), the live set is replaced once while so much is allocated as an iteration does: 1 of GTO
 * objects survives (turnover, allocated by minimum heap). Sizes are Pareto's where the 90th
 * percentile (AOL) is below or near the average, which a long tail makes, otherwise exponential.
 *
 * What is not published stays at its default or is 0: pointer density, locality, order of death, large
 * objects and weak references. Field stores (BPF) are left out, because they count integers too and most
 * go into new objects. Rates are per operation: the imitation allocates as fast as it can.
 */
#include "workloads/synthetic.h"

const struct workload_preset synthetic_presets[SYNTHETIC_PRESETS] = {
    {.name = "lusearch",
     .origin =
         "DaCapo lusearch: AOA 76 B, AOL 96 B, ARA 10505 MB/s, BAS 55/us, GMD 21 MB, GTO 1118",
     .values = {{"object_bytes", "76"},
                {"sizes", "3"},
                {"live_objects", "276316"},
                {"survival", "894"},
                {"old_to_young", "198953"},
                {"old_to_old", "198953"},
                {"large", "0"},
                {"weak", "0"}}},
    {.name = "h2",
     .origin = "DaCapo h2: AOA 41 B, AOL 64 B, ARA 11575 MB/s, BAS 27/us, GMD 681 MB, GTO 31",
     .values = {{"object_bytes", "41"},
                {"sizes", "2"},
                {"live_objects", "16609756"},
                {"survival", "32258"},
                {"old_to_young", "47819"},
                {"old_to_old", "47819"},
                {"large", "0"},
                {"weak", "0"}}},
    {.name = "xalan",
     .origin = "DaCapo xalan: AOA 82 B, AOL 48 B, ARA 24504 MB/s, BAS 272/us, GMD 13 MB, GTO 1079",
     .values = {{"object_bytes", "82"},
                {"sizes", "3"},
                {"live_objects", "158537"},
                {"survival", "927"},
                {"old_to_young", "455109"},
                {"old_to_old", "455109"},
                {"large", "0"},
                {"weak", "0"}}},
    {.name = "batik",
     .origin = "DaCapo batik: AOA 58 B, AOL 72 B, ARA 513 MB/s, BAS 0/us, GMD 175 MB, GTO 3",
     .values = {{"object_bytes", "58"},
                {"sizes", "3"},
                {"live_objects", "3017241"},
                {"survival", "333333"},
                {"old_to_young", "0"},
                {"old_to_old", "0"},
                {"large", "0"},
                {"weak", "0"}}},
    {.name = "avrora",
     .origin = "DaCapo avrora: AOA 35 B, AOL 32 B, ARA 42 MB/s, BAS 0/us, GMD 5 MB, GTO 34",
     .values = {{"object_bytes", "35"},
                {"sizes", "2"},
                {"live_objects", "142857"},
                {"survival", "29412"},
                {"old_to_young", "0"},
                {"old_to_old", "0"},
                {"large", "0"},
                {"weak", "0"}}},
    {.name = "median",
     .origin = "medians of the DaCapo suite: AOA 58 B, AOL 56 B, ARA 2063 MB/s, BAS 1/us, GMD 71 "
               "MB, GTO 53",
     .values = {{"object_bytes", "58"},
                {"sizes", "3"},
                {"live_objects", "1224138"},
                {"survival", "18868"},
                {"old_to_young", "14057"},
                {"old_to_old", "14057"},
                {"large", "0"},
                {"weak", "0"}}},
};
