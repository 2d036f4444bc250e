;; Is every character one of base64's alphabet, A–Z a–z 0–9 + /? Sixteen are looked at together.
;; The text lies at the beginning of the memory; its length is a multiple of sixteen, at least sixteen and at most 64 KiB.
(module
  (memory (export "memory") 1)
  (func (export "isAlphabet") (param $length i32) (result i32)
    (local $at i32)
    (local $text v128)
    (local $isGood v128)
    (local.set $isGood (v128.const i64x2 -1 -1))
    (loop $next
      (local.set $text (v128.load (local.get $at)))
      (local.set $isGood
        (v128.and
          (local.get $isGood)
          (v128.or
            (v128.or
              ;; a–z, and A–Z made small: 26 from "a" on
              (i8x16.lt_u
                (i8x16.sub
                  (v128.or (local.get $text) (i8x16.splat (i32.const 0x20)))
                  (i8x16.splat (i32.const 0x61)))
                (i8x16.splat (i32.const 26)))
              ;; "/" and 0–9, which follow each other: eleven from "/" on
              (i8x16.lt_u
                (i8x16.sub (local.get $text) (i8x16.splat (i32.const 0x2f)))
                (i8x16.splat (i32.const 11))))
            ;; "+"
            (i8x16.eq (local.get $text) (i8x16.splat (i32.const 0x2b))))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $length))))
    (i8x16.all_true (local.get $isGood))))
