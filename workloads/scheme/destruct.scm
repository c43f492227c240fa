; destruct: lists that are taken apart and put together again in place. Nearly every store goes into a
; pair that is older than what is stored, so this is a program for write barriers.
;
; (run size) keeps a ring of 64 lists; each of 20,000 size steps cuts a tail off one, grows it, and splices
; it into another, and now and then two are merged, or one is reversed, in place. It returns the number of
; pairs and a sum that depends on their order.
;
;= size 1 answer (3397 316051855) allocates 111167000
;= size 2 answer (3320 560285687) allocates 223362000
;= size 3 answer (4205 522435442) allocates 336350000
;= size 5 answer (3762 51183420) allocates 561401000

(define lists 64)
(define list-length 50)

; A generator of numbers below the limit (Park and Miller 1988).
(define seed 1)
(define (random limit)
  (set! seed (modulo (* seed 16807) 2147483647))
  (modulo seed limit))

(define (count-down from) (if (= from 0) '() (cons from (count-down (- from 1)))))

; Cuts the list after so many pairs and returns what was behind; the list has more of them.
(define (cut! list places)
  (if (= places 1)
      (let ((tail (cdr list)))
        (set-cdr! list '())
        tail)
      (cut! (cdr list) (- places 1))))

(define (splice! list places tail)
  (if (= places 1)
      (begin
        (set-cdr! (last-pair tail) (cdr list))
        (set-cdr! list tail))
      (splice! (cdr list) (- places 1) tail)))

(define (reverse! list)
  (let next ((list list) (done '()))
    (if (null? list)
        done
        (let ((rest (cdr list)))
          (set-cdr! list done)
          (next rest list)))))

; Both lists, which end as one: smaller first, where both are sorted.
(define (merge! left right)
  (let ((head (cons 0 '())))
    (let next ((last head) (left left) (right right))
      (cond ((null? left) (set-cdr! last right))
            ((null? right) (set-cdr! last left))
            ((< (car left) (car right))
             (set-cdr! last left)
             (next left (cdr left) right))
            (else
             (set-cdr! last right)
             (next right left (cdr right)))))
    (cdr head)))

; Halves the list in place; returns the second half.
(define (halve! list)
  (cut! list (quotient (length list) 2)))

; Every number is replaced by another, in place.
(define (stir! list salt)
  (if (pair? list)
      (begin
        (set-car! list (modulo (+ (* 31 (car list)) salt) 10007))
        (stir! (cdr list) salt))))

(define (step! ring number)
  (let* ((from (random lists))
         (to (modulo (+ from 1 (random (- lists 1))) lists))
         (source (vector-ref ring from))
         (target (vector-ref ring to))
         (length (length source)))
    (cond ((= (modulo number 16) 0)
           (vector-set! ring from (reverse! source)))
          ((= (modulo number 16) 8)
           (let* ((whole (merge! source target)) (rest (halve! whole)))
             (vector-set! ring from whole)
             (vector-set! ring to rest)))
          ((> length 4)
           (let ((tail (cut! source (+ 1 (random (- length 2))))))
             (stir! tail number)
             (splice! target (+ 1 (random (- (length-of target) 1))) (cons number tail))
             (vector-set! ring from (cons number source))))
          (else
           (vector-set! ring from (count-down list-length))))
    (if (> (length-of (vector-ref ring to)) (* 4 list-length))
        (cut! (vector-ref ring to) (* 2 list-length)))))

(define (length-of list) (length list))

(define (digest ring)
  (let next ((place 0) (pairs 0) (sum 0))
    (if (= place lists)
        (list pairs sum)
        (let each ((list (vector-ref ring place)) (pairs pairs) (sum sum))
          (if (null? list)
              (next (+ place 1) pairs sum)
              (each (cdr list) (+ pairs 1)
                    (modulo (+ (* 131 sum) (car list)) 1000000007)))))))

(define (run size)
  (set! seed 1)
  (let ((ring (make-vector lists '())))
    (do ((place 0 (+ place 1)))
        ((= place lists))
      (vector-set! ring place (count-down list-length)))
    (do ((number 1 (+ number 1)))
        ((> number (* 20000 size)))
      (step! ring number))
    (digest ring)))
